;;; tests.scm -- the interpreter's own tests.  Each prints "ok - CLAIM" or
;;; "not ok - CLAIM"; the last line counts.

(define passed 0)
(define failed 0)

(define (report! good? claim)
  (if good? (set! passed (+ passed 1)) (set! failed (+ failed 1)))
  (display (if good? "ok - " "not ok - "))
  (display claim)
  (newline))

;; (test claim expected expression): an error counts as the value #(error text).
(define-syntax test
  (syntax-rules ()
    ((_ claim expected expression)
     (let ((value (guard (e (#t (vector 'error (if (error-object? e)
                                                   (error-object-message e)
                                                   e))))
                    expression)))
       (report! (equal? value expected) claim)
       (if (not (equal? value expected))
           (begin (display "#   got ") (write value) (newline)))))))

(define-syntax fails
  (syntax-rules ()
    ((_ claim message expression)
     (test claim (vector 'error message) expression))))

;;; ---- Calls ----

(test "a tail call in a loop of a million takes no stack" 'done
      (let loop ((n 1000000)) (if (= n 0) 'done (loop (- n 1)))))
(define (even-by-turns? n) (if (= n 0) #t (odd-by-turns? (- n 1))))
(define (odd-by-turns? n) (if (= n 0) #f (even-by-turns? (- n 1))))
(test "procedures tail-call each other without end" #t
      (even-by-turns? 1000000))
(test "cond, case, when, and, or end in tail calls" 'done
      (let loop ((n 300000))
        (cond ((= n 0) 'done)
              (else (case 1
                      ((1) (when #t (and #t (or #f (loop (- n 1)))))))))))
(test "apply is a tail call" 'done
      (let loop ((n 300000)) (if (= n 0) 'done (apply loop (list (- n 1))))))
(define (count-up n) (if (= n 0) 0 (+ 1 (count-up (- n 1)))))
(test "recursion goes a million calls deep" 1000000 (count-up 1000000))
(test "rest parameters collect" '(1 2 (3 4))
      ((lambda (a b . c) (list a b c)) 1 2 3 4))
(test "a lambda of a bare name takes all arguments" '(1 2)
      ((lambda all all) 1 2))
(test "apply spreads its last argument" 15 (apply + 1 2 '(3 4 5)))
(test "apply takes long lists" 5000050000
      (apply + (iota 100001)))
(test "internal definitions see each other" '(#t #f)
      (let ()
        (define (ev? n) (or (= n 0) (od? (- n 1))))
        (define (od? n) (and (> n 0) (ev? (- n 1))))
        (list (ev? 10) (ev? 11))))
(test "a definition captured before it is made is seen later" 5
      (let ()
        (define (make) (lambda () (later)))
        (define get (make))
        (define (later) value)
        (define value 5)
        (get)))
(test "a closure captured early and patched is the same closure" #t
      (let ()
        (define (a) b)
        (define (b) a)
        (eq? ((a)) a)))
(test "each round of a loop has variables of its own" '(0 1 2)
      (map (lambda (f) (f))
           (do ((i 0 (+ i 1)) (l '() (cons (lambda () i) l)))
               ((= i 3) (reverse l)))))
(test "set! on a captured variable is seen by all" 3
      (let ((n 0))
        (define (bump) (set! n (+ n 1)))
        (bump) (bump) (bump)
        n))
(test "set! on a loop variable stays in its round" '(10 11 12)
      (let loop ((i 0) (l '()))
        (if (= i 3)
            (map (lambda (f) (f)) (reverse l))
            (loop (+ i 1)
                  (cons (let ((i i)) (set! i (+ i 10)) (lambda () i)) l)))))
(test "an inner loop may continue an outer one" 9
      (let outer ((i 0) (sum 0))
        (if (= i 3)
            sum
            (let inner ((j 0) (sum sum))
              (if (= j 3) (outer (+ i 1) sum) (inner (+ j 1) (+ sum 1)))))))
(test "a loop in the middle of an expression gives its value" 103
      (+ 100 (let loop ((i 0)) (if (= i 3) i (loop (+ i 1))))))
(test "a primitive may be redefined locally" 6
      (let ((+ *)) (+ 2 3)))
(test "a loop's name may escape" 3
      (let ((f (let loop ((i 0)) (if (= i 0) loop (+ i 1))))) (f 2)))

;;; ---- Continuations ----

(test "call/cc escapes" 42 (+ 1 (call/cc (lambda (k) (+ 1000 (k 41))))))
(test "a continuation may be re-entered" '(1 2 3)
      (let ((k #f) (n 0) (l '()))
        (set! n (+ n 1))
        (set! l (cons (call/cc (lambda (c) (set! k c) n)) l))
        (if (< (car l) 3)
            (begin (set! n (+ n 1)) (k n))
            (reverse (let keep ((l l)) l)))))
(test "re-entry finds set! variables changed, not restored" 3
      (let ((n 0) (k #f))
        (call/cc (lambda (c) (set! k c)))
        (set! n (+ n 1))
        (if (< n 3) (k #f) n)))
(define (generate-list walk)
  (define return #f)
  (define (yield x) (call/cc (lambda (k) (set! resume k) (return x))))
  (define resume (lambda (ignored) (walk yield) (return 'end)))
  (lambda () (call/cc (lambda (r) (set! return r) (resume #f)))))
(test "generators suspend a walk" '(1 2 3 end)
      (let ((next (generate-list (lambda (yield) (for-each yield '(1 2 3))))))
        (let loop ((l '()))
          (let ((x (next)))
            (if (eq? x 'end) (reverse (cons x l)) (loop (cons x l)))))))
(test "a continuation taken deep in recursion still returns" 100001
      (let ((k #f) (first #t))
        (define (deep n)
          (if (= n 0)
              (call/cc (lambda (c) (set! k c) 0))
              (+ 1 (deep (- n 1)))))
        (let ((result (deep 100000)))
          (if first
              (begin (set! first #f) (k 1))
              result))))
(test "amb by backtracking finds a Pythagorean triple" '(3 4 5)
      (let ((back '()))
        (define (fail) (let ((k (car back))) (set! back (cdr back)) (k #f)))
        (define (amb low high)
          (let loop ((i low))
            (cond ((> i high) (fail))
                  ((call/cc (lambda (k) (set! back (cons k back)) #t)) i)
                  (else (loop (+ i 1))))))
        (let* ((a (amb 1 10)) (b (amb a 10)) (c (amb b 10)))
          (if (= (* c c) (+ (* a a) (* b b))) (list a b c) (fail)))))
(test "dynamic-wind runs before and after" '(in body out)
      (let ((l '()))
        (define (note x) (set! l (cons x l)))
        (dynamic-wind (lambda () (note 'in)) (lambda () (note 'body))
                      (lambda () (note 'out)))
        (reverse l)))
(test "dynamic-wind runs after on escape" '(in out)
      (let ((l '()))
        (define (note x) (set! l (cons x l)))
        (call/cc (lambda (k)
                   (dynamic-wind (lambda () (note 'in)) (lambda () (k 1))
                                 (lambda () (note 'out)))))
        (reverse l)))
(test "dynamic-wind runs before again on re-entry" '(in out in out)
      (let ((l '()) (k #f))
        (define (note x) (set! l (cons x l)))
        (dynamic-wind (lambda () (note 'in))
                      (lambda () (call/cc (lambda (c) (set! k c))))
                      (lambda () (note 'out)))
        (if (= (length l) 2) (k #f))
        (reverse l)))
(test "values from dynamic-wind pass through" '(1 2)
      (call-with-values
       (lambda () (dynamic-wind void (lambda () (values 1 2)) void))
       list))

;;; ---- Multiple values ----

(test "call-with-values hands over values" '(1 2 3)
      (call-with-values (lambda () (values 1 2 3)) list))
(test "no values at all" '() (call-with-values values list))
(test "let-values binds in parallel" '(1 2 3 x)
      (let ((a 'x))
        (let-values (((b c) (values 1 2)) ((d . e) (values 3)) ((f) a))
          (list b c d f))))
(test "let*-values binds in sequence" '(1 2 3)
      (let*-values (((a b) (values 1 2)) ((c) (+ a b))) (list a b c)))
(test "receive takes a rest" '(1 (2 3))
      (receive (a . b) (values 1 2 3) (list a b)))
(define-values (dv-a dv-b . dv-c) (values 1 2 3 4))
(test "define-values at top level" '(1 2 (3 4)) (list dv-a dv-b dv-c))
(test "define-values in a body" '(3 7)
      (let () (define-values (q r) (floor/ 52 15)) (list q r)))

;;; ---- Macros ----

(define-syntax swap!
  (syntax-rules () ((_ a b) (let ((t a)) (set! a b) (set! b t)))))
(test "a macro's temporary does not capture" '(2 1)
      (let ((t 1) (u 2)) (swap! t u) (list t u)))
(define-syntax my-or
  (syntax-rules ()
    ((_) #f) ((_ e) e) ((_ e r ...) (let ((t e)) (if t t (my-or r ...))))))
(test "a recursive macro is hygienic" 5 (let ((t 5)) (my-or #f t)))
(test "a macro is not fooled by a local if" 'yes
      (let ((if list)) (my-or #f 'yes)))
(define-syntax my-let*
  (syntax-rules ()
    ((_ () body ...) (let () body ...))
    ((_ ((n v) more ...) body ...)
     (let ((n v)) (my-let* (more ...) body ...)))))
(test "patterns nest" 3 (my-let* ((a 1) (b (+ a 1))) (+ a b)))
(define-syntax flatten
  (syntax-rules () ((_ (a b ...) ...) '(a ... (b ... ) ...))))
(test "ellipses nest" '(1 4 6 (2 3) (5) ()) (flatten (1 2 3) (4 5) (6)))
(define-syntax flat
  (syntax-rules () ((_ (a ...) ...) '(a ... ...))))
(test "two ellipses flatten" '(1 2 3 4) (flat (1 2) () (3 4)))
(define-syntax tail
  (syntax-rules () ((_ a ... z) '(z a ...))))
(test "a pattern goes on after its ellipsis" '(4 1 2 3) (tail 1 2 3 4))
(define-syntax vec
  (syntax-rules () ((_ #(a b ...)) '(b ... a))))
(test "vectors are patterns" '(2 3 1) (vec #(1 2 3)))
(define-syntax arrow
  (syntax-rules (=>) ((_ a => b) '(a b)) ((_ a b c) 'no)))
(test "literals match themselves" '((1 2) no)
      (list (arrow 1 => 2) (arrow 1 2 3)))
(define-syntax literal-ellipsis
  (syntax-rules () ((_ a) '(a (... ...)))))
(test "an escaped ellipsis is itself" '(1 ...) (literal-ellipsis 1))
(define-syntax my-ellipsis
  (syntax-rules ::: () ((_ a :::) (list a ::: '...))))
(test "the ellipsis may be renamed" '(1 2 ...) (my-ellipsis 1 2))
(define-syntax define-getter
  (syntax-rules () ((_ name value) (define (name) value))))
(define-getter get-seven 7)
(test "a macro may define" 7 (get-seven))
(test "a macro may define inside a body" 8
      (let () (define-getter get-eight 8) (get-eight)))
(define-syntax define-adder
  (syntax-rules ()
    ((_ name n)
     (define-syntax name (syntax-rules () ((_ x) (+ x n)))))))
(define-adder add-three 3)
(test "a macro may define a macro" 10 (add-three 7))
(test "let-syntax is local" '(inner outer)
      (let ((f (lambda () 'outer)))
        (list (let-syntax ((f (syntax-rules () ((_) 'inner)))) (f)) (f))))
(test "a local macro sees its definition's variables" 1
      (let ((x 1))
        (let-syntax ((get (syntax-rules () ((_) x))))
          (let ((x 2)) (get)))))
(define-syntax while
  (syntax-rules ()
    ((_ test body ...) (let loop () (when test body ... (loop))))))
(test "a while loop of one's own" 10
      (let ((i 0)) (while (< i 10) (set! i (+ i 1))) i))

;;; ---- Derived forms ----

(test "quasiquote splices" '(1 2 3 (4 5) 6)
      `(1 ,(+ 1 1) ,@(list 3) (4 ,5) . (6)))
(test "quasiquote in vectors" '#(1 2 3) `#(1 ,@(list 2 3)))
(test "nested quasiquote" '(a `(b ,(c 3))) `(a `(b ,(c ,(+ 1 2)))))
(test "cond with =>" 2 (cond ((assv 'b '((a 1) (b 2))) => cadr) (else 0)))
(test "cond gives the test without expressions" 5 (cond (#f 1) (5)))
(test "case with lists, else and =>" '(low other 12)
      (list (case 2 ((1 2) 'low) (else 'high))
            (case 'x ((a) 1) (else 'other))
            (case 6 ((6) => (lambda (x) (* 2 x))))))
(test "case compares bignums and characters" '(big char)
      (list (case (expt 10 30) ((1000000000000000000000000000000) 'big))
            (case #\a ((#\a) 'char))))
(test "do with steps" 45 (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i 10) s)))
(test "letrec" #t
      (letrec ((ev? (lambda (n) (if (= n 0) #t (od? (- n 1)))))
               (od? (lambda (n) (if (= n 0) #f (ev? (- n 1))))))
        (ev? 100)))
(test "case-lambda chooses by count" '(0 1 (2 3))
      (let ((f (case-lambda (() 0) ((a) a) ((a . b) (cons a b)))))
        (list (f) (f 1) (f 2 3))))
(test "promises are forced once" '(1 1)
      (let* ((n 0) (p (delay (begin (set! n (+ n 1)) n))))
        (list (force p) (force p))))
(test "delay-force runs in constant space" 'done
      (force (let loop ((n 100000))
               (if (= n 0) (delay 'done) (delay-force (loop (- n 1)))))))
(test "make-promise and force of no promise" '(1 2)
      (list (force (make-promise 1)) (force 2)))
(test "parameterize binds and restores" '(10 11 10)
      (let* ((p (make-parameter 10))
             (before (p))
             (inside (parameterize ((p 11)) (p))))
        (list before inside (p))))
(test "parameters convert" '(2 4)
      (let ((p (make-parameter 1 (lambda (x) (* 2 x)))))
        (list (p) (parameterize ((p 2)) (p)))))

;;; ---- Errors ----

(test "guard catches what is raised" '(caught 1)
      (guard (e ((number? e) (list 'caught e))) (raise 1)))
(test "guard with no matching clause raises on" 'outer
      (guard (e (#t 'outer)) (guard (e ((number? e) 'inner)) (raise 'x))))
(test "guard knows else and =>" '((2) b)
      (list (guard (e ((memv e '(1 2)) => values)) (raise 2))
            (guard (e (else 'b)) (raise 'a))))
(test "guard returns several values" '(1 2)
      (call-with-values (lambda () (guard (e (#t 0)) (values 1 2))) list))
(test "error objects carry message and irritants" '("bad" (1 two))
      (guard (e ((error-object? e)
                 (list (error-object-message e) (error-object-irritants e))))
        (error "bad" 1 'two)))
(test "raise-continuable returns the handler's value" 42
      (with-exception-handler
       (lambda (e) 41)
       (lambda () (+ 1 (raise-continuable 'oops)))))
(test "handlers run with the outer handlers" '(outer inner)
      (guard (e (#t (list 'outer e)))
        (with-exception-handler
         (lambda (e) (raise 'inner))
         (lambda () (raise 'first)))))
(test "guard unwinds dynamic-wind" '(in out caught)
      (let ((l '()))
        (define (note x) (set! l (cons x l)))
        (guard (e (#t (note 'caught)))
          (dynamic-wind (lambda () (note 'in)) (lambda () (raise 1))
                        (lambda () (note 'out))))
        (reverse l)))
(test "errors of primitives can be caught, again and again" 1000
      (let loop ((n 0))
        (if (= n 1000) n (loop (guard (e (#t (+ n 1))) (car n))))))
(fails "car of what is no pair" "car: not a pair" (car 1))
(fails "an unbound variable" "undefined variable" (no-such-variable))
(fails "too few arguments" "wrong number of arguments" ((lambda (a) a)))
(fails "too many arguments" "wrong number of arguments" ((lambda () 1) 2))
(fails "too many arguments for a primitive" "wrong number of arguments"
       (vector-length 1 2 3))
(fails "calling what is no procedure" "not a procedure" (5 5))
(fails "division by zero" "quotient: division by zero" (quotient 1 0))
(fails "exact / by zero" "/: division by zero" (/ 1 0))
(fails "vector-ref out of range" "vector-ref: index out of range"
       (vector-ref (vector 1 2) 2))
(fails "a negative index" "vector-ref: index out of range"
       (vector-ref (vector 1 2) -1))
(fails "string-ref out of range" "string-ref: index out of range"
       (string-ref "abc" 3))
(fails "adding what is no number" "+: not a number" (+ 1 'a))
(fails "comparing what is no number" "<: not a number" (< "a" 1))
(fails "length of an improper list" "length: not a proper list"
       (length '(1 2 . 3)))
(fails "length of a circle" "length: not a proper list"
       (let ((l (list 1 2))) (set-cdr! (cdr l) l) (length l)))
(fails "a use before the definition" "variable used before its definition"
       (letrec ((a (let ((f (lambda () b))) (f))) (b 1)) a))
(fails "a vector larger than any memory" "out of memory"
       (make-vector 4000000000000000000 0))
(fails "recursion without end" "recursion too deep"
       (let loop ((n 0)) (+ 1 (loop n))))
(fails "a missing hash table key" "hash-table-ref: no such key"
       (hash-table-ref (make-hash-table) 1))
(fails "a bad form is found when it is evaluated" "bad syntax" (eval '(if)))
(fails "a macro without end" "macro expansion does not end"
       (begin
         (eval '(define-syntax forever
                  (syntax-rules () ((_ x) (forever (x))))))
         (eval '(forever 1))))
(test "a file that is not there is a file error" #t
      (guard (e ((file-error? e) #t)) (open-input-file "/no/such/file")))
(test "unreadable text is a read error" #t
      (guard (e ((read-error? e) #t)) (read (open-input-string "(1 . "))))

;;; ---- Numbers ----

(test "fixnums grow into bignums" 9223372036854775808
      (* 4611686018427387904 2))
(test "and shrink back" 1 (- (+ (expt 2 80) 1) (expt 2 80)))
(test "the edge of fixnums" '(4611686018427387904 -4611686018427387905)
      (list (+ 4611686018427387903 1) (- -4611686018427387904 1)))
(test "the product of fixnums overflows well"
      85070591730234615847396907784232501249
      (* 9223372036854775807 9223372036854775807))
(test "factorial of thirty" 265252859812191058636308480000000
      (let f ((n 30)) (if (= n 0) 1 (* n (f (- n 1))))))
(test "bignum division" '(1000000000000000000000 7)
      (let ((n (+ (expt 10 40) 7)))
        (list (quotient n (expt 10 19)) (remainder n (expt 10 19)))))
(test "signs of the divisions" '((3 1) (-4 3) (-3 -1) (-4 -3))
      (list (list (quotient 13 4) (remainder 13 4))
            (list (floor-quotient -13 4) (modulo -13 4))
            (list (quotient -13 4) (remainder -13 4))
            (list (floor-quotient 13 -4) (modulo 13 -4))))
(test "gcd and lcm" '(4 288 1) (list (gcd 32 -36) (lcm 32 -36) (gcd 1 0)))
(test "expt" '(1024 1 0.25) (list (expt 2 10) (expt 0 0) (expt 2 -2)))
(test "exact-integer-sqrt" '(4 1)
      (call-with-values (lambda () (exact-integer-sqrt 17)) list))
(test "sqrt is exact when it can be" '(12 1.5) (list (sqrt 144) (sqrt 2.25)))
(test "exact and inexact" '(3 3.0 2.5)
      (list (exact 3.0) (inexact 3) (/ 5 2)))
(test "exact of a large flonum" 100000000000000000000 (exact 1e20))
(test "mixed comparison" '(#t #t #f) (list (= 1 1.0) (< 1 1.5) (> 1 1.5)))
(test "eqv? tells exact from inexact" '(#f #t #t)
      (list (eqv? 1 1.0) (eqv? 1.5 1.5) (eqv? (expt 10 30) (expt 10 30))))
(test "rounding goes to even" '(2.0 4.0 -2.0 3)
      (list (round 2.5) (round 3.5) (round -2.5) (round 3)))
(test "number->string in bases" '("ff" "-101" "1e+21" "0.1")
      (list (number->string 255 16) (number->string -5 2)
            (number->string 1e21) (number->string .1)))
(test "string->number" '(255 -5 1.5 #f 1e3 #f)
      (map string->number '("#xff" "-5" "1.5" "abc" "1e3" "1x")))
(test "max, min, abs" '(3 1.0 5) (list (max 1 3 2) (min 1 2.0) (abs -5)))
(test "bits" '(8 14 6 -1 1024 -3)
      (list (bitwise-and 12 10) (bitwise-ior 12 10) (bitwise-xor 12 10)
            (bitwise-not 0) (arithmetic-shift 1 10) (arithmetic-shift -5 -1)))
(test "not-a-number is not equal to itself" #f (= (/ 0. 0.) (/ 0. 0.)))
(test "quotients of inexact integers" '(2.0 1.0)
      (list (quotient 7. 3) (modulo 7. 3)))

;;; ---- Text ----

(test "strings append and cut" '("abcd" "bc")
      (list (string-append "ab" "cd") (substring "abcd" 1 3)))
(test "strings change" "axc"
      (let ((s (string-copy "abc"))) (string-set! s 1 #\x) s))
(test "text beyond ASCII counts characters" '(5 #\λ "λx")
      (let ((s "abλxy"))
        (list (string-length s) (string-ref s 2) (substring s 2 4))))
(test "a character may change its width" '("aλc" 3)
      (let ((s (string-copy "abc")))
        (string-set! s 1 #\λ)
        (list s (string-length s))))
(test "strings compare" '(#t #t #f #t)
      (list (string<? "abc" "abd") (string<? "ab" "abc") (string=? "a" "b")
            (string-ci=? "HeLLo" "hEllO")))
(test "strings and lists" '((#\a #\b) "ba")
      (list (string->list "ab") (list->string (list #\b #\a))))
(test "case" '("HELLO" "hello" #\A)
      (list (string-upcase "Hello") (string-downcase "Hello")
            (char-upcase #\a)))
(test "symbols and strings" '(abc "abc" #t)
      (list (string->symbol "abc") (symbol->string 'abc)
            (eq? 'abc (string->symbol "abc"))))
(test "string-map and string-for-each" '("bcd" (#\c #\b #\a))
      (list (string-map (lambda (c) (integer->char (+ 1 (char->integer c))))
                        "abc")
            (let ((l '()))
              (string-for-each (lambda (c) (set! l (cons c l))) "abc")
              l)))
(test "string ports read" '(1 (a "b") #\c #t)
      (let ((p (open-input-string "1 (a \"b\")c")))
        (let* ((x (read p)) (y (read p)) (z (read-char p)))
          (list x y z (eof-object? (read p))))))
(test "string ports write" "(1 \"a\\nb\" #\\c)x"
      (call-with-output-string
       (lambda (p) (write (list 1 "a\nb" #\c) p) (display "x" p))))
(test "read-line" '("one" "two" #t)
      (let ((p (open-input-string "one\ntwo")))
        (let* ((a (read-line p)) (b (read-line p)))
          (list a b (eof-object? (read-line p))))))
(test "with-output-to-string" "42" (with-output-to-string
                                    (lambda () (display 42))))
(test "what is written reads back" #t
      (let ((data '(1 -2.5 "a\"b\\c" #\space #\x (sym . |odd one|)
                    #(1 #(2)) #u8(1 2 255) #t #f () 123456789012345678901)))
        (equal? data
                (read (open-input-string
                       (call-with-output-string
                        (lambda (p) (write data p))))))))
(test "comments of all kinds" '(1 4)
      (read (open-input-string "(1 ; two\n #| 3 #| nested |# |# #;(x) 4)")))
(test "quotes print short" "'(a `b ,c ,@d)"
      (call-with-output-string
       (lambda (p) (write '(quote (a `b ,c ,@d)) p))))
(test "circles print cut off" #t
      (let ((l (list 1 2)))
        (set-cdr! (cdr l) l)
        (string? (call-with-output-string (lambda (p) (write l p))))))

;;; ---- Data ----

(test "equal? looks inside" '(#t #f #t)
      (list (equal? '(1 #(2 "x")) (list 1 (vector 2 "x")))
            (equal? '(1 2) '(1 3)) (equal? #u8(1 2) (bytevector 1 2))))
(test "member and assoc with a predicate" '((2.0 3) (2 . b))
      (list (member 2 '(1 2.0 3) =) (assoc 2.0 '((1 . a) (2 . b)) =)))
(test "lists of lists" '((3 2 1) (1 2 3 4) (3 4) 3)
      (list (reverse '(1 2 3)) (append '(1) '(2) '(3 4))
            (list-tail '(1 2 3 4) 2) (list-ref '(1 2 3) 2)))
(test "map over several lists stops at the shortest" '(11 22)
      (map + '(1 2 3) '(10 20)))
(test "folds" '((3 2 1) (1 2 3) 6)
      (list (fold cons '() '(1 2 3)) (fold-right cons '() '(1 2 3))
            (reduce + 0 '(1 2 3))))
(test "sorting is stable" '((1 a) (1 b) (2 a) (3 a))
      (sort '((3 a) (1 a) (2 a) (1 b)) (lambda (x y) (< (car x) (car y)))))
(test "sorting a vector" '#(1 2 3) (sort (vector 3 1 2) <))
(test "sorting a long list" #t
      (let ((l (sort (map (lambda (i) (modulo (* i 7919) 10007)) (iota 10007))
                     <)))
        (equal? l (iota 10007))))
(test "vectors" '(#(1 2 3) #(x x) 3 #(2 3) #(1 2 3 4))
      (list (vector 1 2 3) (make-vector 2 'x) (vector-length #(1 2 3))
            (vector-copy #(1 2 3) 1) (vector-append #(1 2) #(3 4))))
(test "vector-copy! overlaps well" '#(1 1 2 3 5)
      (let ((v (vector 1 2 3 4 5))) (vector-copy! v 1 v 0 3) v))
(test "vector-map and vector-for-each" '(#(2 3 4) 6)
      (list (vector-map (lambda (x) (+ x 1)) #(1 2 3))
            (let ((s 0))
              (vector-for-each (lambda (x) (set! s (+ s x))) #(1 2 3))
              s)))
(test "bytevectors" '(#u8(0 7 0) 7 #u8(7))
      (let ((b (make-bytevector 3)))
        (bytevector-u8-set! b 1 7)
        (list b (bytevector-u8-ref b 1) (bytevector-copy b 1 2))))
(define-record-type <point> (make-point x y) point?
  (x point-x set-point-x!) (y point-y) (tag point-tag set-point-tag!))
(test "records" '(#t #f 10 2 here)
      (let ((p (make-point 1 2)))
        (set-point-x! p 10)
        (set-point-tag! p 'here)
        (list (point? p) (point? 5) (point-x p) (point-y p) (point-tag p))))
(fails "an accessor refuses other records" "point-x: not a record of its type"
       (point-x 5))
(test "records inside a body" 3
      (let ()
        (define-record-type box (make-box content) box? (content unbox))
        (unbox (make-box 3))))

;;; ---- Hash tables ----

(test "a hash table holds what it was given" '(1 2 none 2)
      (let ((t (make-hash-table)))
        (hash-table-set! t 'a 1)
        (hash-table-set! t "b" 2)
        (list (hash-table-ref t 'a) (hash-table-ref/default t "b" 0)
              (hash-table-ref t 'c (lambda () 'none)) (hash-table-count t))))
(test "a hash table grows" 499500
      (let ((t (make-eqv-hash-table)))
        (do ((i 0 (+ i 1))) ((= i 1000)) (hash-table-set! t i i))
        (apply + (hash-table-values t))))
(test "keys can be lists, bignums and flonums" '(l b f)
      (let ((t (make-hash-table)))
        (hash-table-set! t (list 1 (list 2)) 'l)
        (hash-table-set! t (expt 10 30) 'b)
        (hash-table-set! t 1.5 'f)
        (map (lambda (k) (hash-table-ref t k))
             (list '(1 (2)) (expt 10 30) 1.5))))
(test "deleting and updating" '(#f 2)
      (let ((t (make-hash-table)))
        (hash-table-set! t 1 1)
        (hash-table-delete! t 1)
        (hash-table-update!/default t 2 (lambda (n) (+ n 1)) 1)
        (list (hash-table-contains? t 1) (hash-table-ref t 2))))
(test "walking and folding" '(6 6)
      (let ((t (alist->hash-table '((a . 1) (b . 2) (c . 3)))) (sum 0))
        (hash-table-walk t (lambda (k v) (set! sum (+ sum v))))
        (list sum (hash-table-fold t (lambda (k v s) (+ v s)) 0))))
(test "an eqv table tells equal strings apart" 2
      (let ((t (make-eqv-hash-table)))
        (hash-table-set! t (string #\a) 1)
        (hash-table-set! t (string #\a) 2)
        (hash-table-count t)))

;;; ---- eval ----

(test "eval evaluates" 3 (eval '(+ 1 2)))
(test "eval defines" 5
      (begin (eval '(define from-eval 5)) (eval 'from-eval)))

(display "# ") (display passed) (display " passed, ")
(display failed) (display " failed") (newline)
(exit (if (= failed 0) 0 1))
