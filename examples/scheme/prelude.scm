;;; prelude.scm -- the part of the library that is written in Scheme: what
;;; calls procedures, and what is a macro.  Names with % are internal.

;;; ---- Control ----

(define (call-with-values producer consumer)
  (%apply-values consumer (producer)))

(define (dynamic-wind before thunk after)
  (before)
  (%set-winders! (cons (cons before after) (%winders)))
  (call-with-values thunk
    (lambda results
      (%set-winders! (cdr (%winders)))
      (after)
      (apply values results))))

;; Leave and enter dynamic-winds until the list of winders is `to`.
(define (%rewind-to to)
  (let ((from (%winders)))
    (cond ((eq? from to))
          ((> (length from) (length to))
           (%set-winders! (cdr from))
           ((cdar from))
           (%rewind-to to))
          (else
           (%rewind-to (cdr to))
           ((caar to))
           (%set-winders! to)))))

;; What the machine calls for a continuation with other winders.
(define (%rewind continuation winders result)
  (%rewind-to winders)
  (%throw continuation result))

;;; ---- Conditions ----

(define (with-exception-handler handler thunk)
  (let ((outer (%handlers)))
    (%set-handlers! (cons handler outer))
    (call-with-values thunk
      (lambda results
        (%set-handlers! outer)
        (apply values results)))))

;; Call the innermost handler with the handlers outside of it.
(define (raise-continuable object)
  (let ((handlers (%handlers)))
    (if (null? handlers)
        (%uncaught object)
        (begin
          (%set-handlers! (cdr handlers))
          (call-with-values (lambda () ((car handlers) object))
            (lambda results
              (%set-handlers! handlers)
              (apply values results)))))))

(define (%raise object)
  (let ((handlers (%handlers)))
    (if (null? handlers)
        (%uncaught object)
        (begin
          (%set-handlers! (cdr handlers))
          ((car handlers) object)
          (%set-handlers! (cdr handlers))
          (%raise object)))))

;; What the machine calls for an error found by a primitive.
(define (%signal condition) (%raise condition))

(define-syntax guard
  (syntax-rules ()
    ((_ (condition clause ...) body ...)
     ((call/cc
       (lambda (leave)
         (with-exception-handler
          (lambda (raised)
            ((call/cc
              (lambda (resume)
                (leave
                 (lambda ()
                   (let ((condition raised))
                     (%guard-clauses
                      (resume (lambda () (raise-continuable raised)))
                      clause ...))))))))
          (lambda ()
            (call-with-values (lambda () body ...)
              (lambda results
                (leave (lambda () (apply values results)))))))))))))

;; cond, with `otherwise` for a missing else.
(define-syntax %guard-clauses
  (syntax-rules (else =>)
    ((_ otherwise) otherwise)
    ((_ otherwise (else result ...)) (begin result ...))
    ((_ otherwise (test => receiver) clause ...)
     (let ((t test))
       (if t (receiver t) (%guard-clauses otherwise clause ...))))
    ((_ otherwise (test) clause ...)
     (or test (%guard-clauses otherwise clause ...)))
    ((_ otherwise (test result ...) clause ...)
     (if test (begin result ...) (%guard-clauses otherwise clause ...)))))

(define-syntax assert
  (syntax-rules ()
    ((_ expression) (if expression #t (error "assertion failed" 'expression)))))

;;; ---- Binding forms ----

(define-syntax receive
  (syntax-rules ()
    ((_ formals expression body ...)
     (call-with-values (lambda () expression) (lambda formals body ...)))))

(define-syntax let*-values
  (syntax-rules ()
    ((_ () body ...) (let () body ...))
    ((_ ((formals expression) binding ...) body ...)
     (call-with-values (lambda () expression)
       (lambda formals (let*-values (binding ...) body ...))))))

;; All expressions come before all variables: bind temporaries first.
(define-syntax let-values
  (syntax-rules ()
    ((_ ((formals expression)) body ...)
     (call-with-values (lambda () expression) (lambda formals body ...)))
    ((_ (binding ...) body ...)
     (%let-values (binding ...) () (let () body ...)))))

(define-syntax %let-values
  (syntax-rules ()
    ((_ () ((variable temporary) ...) body)
     (let ((variable temporary) ...) body))
    ((_ ((formals expression) binding ...) renamed body)
     (%let-values formals () expression (binding ...) renamed body))
    ((_ () formals expression bindings renamed body)
     (call-with-values (lambda () expression)
       (lambda formals (%let-values bindings renamed body))))
    ((_ (variable . more) (formal ...) expression bindings (r ...) body)
     (%let-values more (formal ... t) expression bindings
                  (r ... (variable t)) body))
    ((_ variable (formal ...) expression bindings (r ...) body)
     (call-with-values (lambda () expression)
       (lambda (formal ... . t)
         (%let-values bindings (r ... (variable t)) body))))))

(define-syntax case-lambda
  (syntax-rules ()
    ((_ (formals body ...) ...)
     (lambda arguments
       (let ((count (length arguments)))
         (%case-lambda arguments count (formals body ...) ...))))))

(define-syntax %case-lambda
  (syntax-rules ()
    ((_ arguments count)
     (error "case-lambda: no clause for so many arguments" count))
    ((_ arguments count (formals body ...) clause ...)
     (if (%fits? count 'formals)
         (apply (lambda formals body ...) arguments)
         (%case-lambda arguments count clause ...)))))

(define (%fits? count formals)
  (cond ((pair? formals) (and (> count 0) (%fits? (- count 1) (cdr formals))))
        ((null? formals) (= count 0))
        (else #t)))

;;; ---- Parameters ----

(define (make-parameter content . converter)
  (if (null? converter)
      (%make-parameter content #f)
      (%make-parameter ((car converter) content) (car converter))))

(define (%convert parameter content)
  (let ((converter (%parameter-converter parameter)))
    (if converter (converter content) content)))

(define (%with-parameters parameters contents thunk)
  (define (swap)
    (for-each (lambda (parameter cell)
                (let ((old (parameter)))
                  (%parameter-set! parameter (car cell))
                  (set-car! cell old)))
              parameters contents))
  (dynamic-wind swap thunk swap))

(define-syntax parameterize
  (syntax-rules ()
    ((_ ((parameter content) ...) body ...)
     (let ((parameters (list parameter ...)))
       (%with-parameters parameters
                         (map (lambda (p c) (list (%convert p c)))
                              parameters (list content ...))
                         (lambda () body ...))))))

;;; ---- Promises ----

(define-syntax delay-force
  (syntax-rules ()
    ((_ expression) (%make-promise #f (lambda () expression)))))

(define-syntax delay
  (syntax-rules ()
    ((_ expression) (delay-force (make-promise expression)))))

(define-syntax cons-stream
  (syntax-rules () ((_ first rest) (cons first (delay rest)))))

(define (make-promise content)
  (if (promise? content) content (%make-promise #t content)))

;; A chain of delay-forces runs in constant space.
(define (force promise)
  (cond ((not (promise? promise)) promise)
        ((%promise-done? promise) (%promise-content promise))
        (else
         (let ((next ((%promise-content promise))))
           (cond ((%promise-done? promise))
                 ((%promise-done? next)
                  (%promise-set! promise #t (%promise-content next)))
                 (else
                  (%promise-set! promise #f (%promise-content next))))
           (force promise)))))

;;; ---- Lists ----

(define (%any-null? lists)
  (and (pair? lists) (or (not (pair? (car lists))) (%any-null? (cdr lists)))))

(define (%map1 f list)
  (let loop ((list list) (results '()))
    (if (pair? list)
        (loop (cdr list) (cons (f (car list)) results))
        (reverse results))))

(define (map f first . rest)
  (cond ((null? rest) (%map1 f first))
        ((null? (cdr rest))
         (let loop ((a first) (b (car rest)) (results '()))
           (if (and (pair? a) (pair? b))
               (loop (cdr a) (cdr b) (cons (f (car a) (car b)) results))
               (reverse results))))
        (else
         (let loop ((lists (cons first rest)) (results '()))
           (if (%any-null? lists)
               (reverse results)
               (loop (%map1 cdr lists)
                     (cons (apply f (%map1 car lists)) results)))))))

(define (for-each f first . rest)
  (if (null? rest)
      (let loop ((list first))
        (if (pair? list)
            (begin (f (car list)) (loop (cdr list)))))
      (let loop ((lists (cons first rest)))
        (if (not (%any-null? lists))
            (begin (apply f (%map1 car lists))
                   (loop (%map1 cdr lists)))))))

(define (append-map f . lists) (apply append (apply map f lists)))

(define (filter keep? list)
  (let loop ((list list) (results '()))
    (cond ((null? list) (reverse results))
          ((keep? (car list)) (loop (cdr list) (cons (car list) results)))
          (else (loop (cdr list) results)))))

(define (remove drop? list) (filter (lambda (item) (not (drop? item))) list))

(define (partition keep? list) (values (filter keep? list) (remove keep? list)))

(define (delete item list) (remove (lambda (other) (equal? item other)) list))

(define (fold-left f result list)
  (if (null? list) result (fold-left f (f result (car list)) (cdr list))))

(define (fold-right f result list)
  (if (null? list) result (f (car list) (fold-right f result (cdr list)))))

(define (fold f result list)
  (if (null? list) result (fold f (f (car list) result) (cdr list))))

(define (reduce f empty list)
  (if (null? list) empty (fold f (car list) (cdr list))))

(define (find good? list)
  (cond ((null? list) #f)
        ((good? (car list)) (car list))
        (else (find good? (cdr list)))))

(define (any good? list)
  (and (pair? list) (or (good? (car list)) (any good? (cdr list)))))

(define (every good? list)
  (or (null? list) (and (good? (car list)) (every good? (cdr list)))))

(define (list-index good? list)
  (let loop ((list list) (index 0))
    (cond ((null? list) #f)
          ((good? (car list)) index)
          (else (loop (cdr list) (+ index 1))))))

(define (list-set! list index item) (set-car! (list-tail list index) item))
(define (list-head list count)
  (if (= count 0)
      '()
      (cons (car list) (list-head (cdr list) (- count 1)))))
(define (last-pair list) (if (pair? (cdr list)) (last-pair (cdr list)) list))
(define (last list) (car (last-pair list)))

(define (iota count . options)
  (let ((start (if (pair? options) (car options) 0))
        (step (if (and (pair? options) (pair? (cdr options)))
                  (cadr options)
                  1)))
    (let loop ((index (- count 1)) (list '()))
      (if (< index 0)
          list
          (loop (- index 1) (cons (+ start (* index step)) list))))))

(define (member item list . same?)
  (if (null? same?)
      (%member item list)
      (let loop ((list list))
        (cond ((null? list) #f)
              (((car same?) item (car list)) list)
              (else (loop (cdr list)))))))

(define (assoc key list . same?)
  (if (null? same?)
      (%assoc key list)
      (find (lambda (pair) ((car same?) key (car pair))) list)))

;;; ---- Sorting ----

(define (%merge a b less?)
  (let loop ((a a) (b b) (results '()))
    (cond ((null? a) (%append-reverse results b))
          ((null? b) (%append-reverse results a))
          ((less? (car b) (car a)) (loop a (cdr b) (cons (car b) results)))
          (else (loop (cdr a) b (cons (car a) results))))))

(define (%append-reverse list tail)
  (if (null? list) tail (%append-reverse (cdr list) (cons (car list) tail))))

;; Sort the first `count` items of `list`, stable.
(define (%sort-head list count less?)
  (if (< count 2)
      (if (= count 0) '() (cons (car list) '()))
      (let ((half (quotient count 2)))
        (%merge (%sort-head list half less?)
                (%sort-head (list-tail list half) (- count half) less?)
                less?))))

(define (list-sort less? list) (%sort-head list (length list) less?))

;; Takes its arguments in either order, as there are two customs.
(define (sort sequence less?)
  (cond ((procedure? sequence) (sort less? sequence))
        ((vector? sequence)
         (list->vector (list-sort less? (vector->list sequence))))
        (else (list-sort less? sequence))))

;;; ---- Vectors and strings ----

(define (vector-map f first . rest)
  (if (null? rest)
      (let* ((size (vector-length first)) (result (make-vector size)))
        (do ((i 0 (+ i 1)))
            ((= i size) result)
          (vector-set! result i (f (vector-ref first i)))))
      (list->vector (apply map f (map vector->list (cons first rest))))))

(define (vector-for-each f first . rest)
  (if (null? rest)
      (let ((size (vector-length first)))
        (do ((i 0 (+ i 1)))
            ((= i size))
          (f (vector-ref first i))))
      (apply for-each f (map vector->list (cons first rest)))))

(define (vector-binary-search vector key compare)
  (let loop ((low 0) (high (- (vector-length vector) 1)))
    (and (<= low high)
         (let* ((middle (quotient (+ low high) 2))
                (order (compare (vector-ref vector middle) key)))
           (cond ((= order 0) middle)
                 ((< order 0) (loop (+ middle 1) high))
                 (else (loop low (- middle 1))))))))

(define (string->vector string) (list->vector (string->list string)))
(define (vector->string vector) (list->string (vector->list vector)))

(define (string-map f first . rest)
  (list->string
   (apply map f (string->list first) (map string->list rest))))

(define (string-for-each f first . rest)
  (apply for-each f (string->list first) (map string->list rest)))

(define (string-join strings . delimiter)
  (let ((delimiter (if (null? delimiter) " " (car delimiter))))
    (if (null? strings)
        ""
        (call-with-output-string
         (lambda (port)
           (write-string (car strings) port)
           (for-each (lambda (s)
                       (write-string delimiter port)
                       (write-string s port))
                     (cdr strings)))))))

(define (string-null? string) (= (string-length string) 0))

;;; ---- Hash tables ----

(define %absent (list 'absent))

(define (hash-table-ref table key . options)
  (let ((content (%hash-table-ref table key %absent)))
    (cond ((not (eq? content %absent))
           (if (and (pair? options) (pair? (cdr options)))
               ((cadr options) content)
               content))
          ((pair? options) ((car options)))
          (else (error "hash-table-ref: no such key" key)))))

(define (hash-table-update! table key f . fail)
  (hash-table-set! table key (f (apply hash-table-ref table key fail))))

(define (hash-table-update!/default table key f default)
  (hash-table-set! table key (f (%hash-table-ref table key default))))

(define (hash-table-keys table) (map car (hash-table->alist table)))
(define (hash-table-values table) (map cdr (hash-table->alist table)))

(define (hash-table-walk table f)
  (for-each (lambda (entry) (f (car entry) (cdr entry)))
            (hash-table->alist table)))

(define (hash-table-fold table f result)
  (fold (lambda (entry result) (f (car entry) (cdr entry) result))
        result (hash-table->alist table)))

(define (alist->hash-table alist . options)
  (let ((table (apply make-hash-table options)))
    (for-each (lambda (entry)
                (hash-table-set! table (car entry) (cdr entry)))
              (reverse alist))
    table))

;;; ---- Numbers ----

(define (square x) (* x x))
(define (1+ x) (+ x 1))
(define (-1+ x) (- x 1))
(define (boolean=? a b) (eq? a b))
(define (symbol=? a b) (eq? a b))
(define (floor/ a b) (values (floor-quotient a b) (modulo a b)))
(define (truncate/ a b) (values (quotient a b) (remainder a b)))

;;; ---- Ports ----

(define (call-with-output-string f)
  (let ((port (open-output-string)))
    (f port)
    (get-output-string port)))

(define (with-output-to-string thunk)
  (let ((port (open-output-string)))
    (parameterize ((current-output-port port)) (thunk))
    (get-output-string port)))

(define (call-with-port port f)
  (call-with-values (lambda () (f port))
    (lambda results (close-port port) (apply values results))))

(define (call-with-input-file path f) (call-with-port (open-input-file path) f))
(define (call-with-output-file path f)
  (call-with-port (open-output-file path) f))

(define (load path)
  (let ((port (open-input-file path)))
    (let loop ((form (read port)))
      (if (not (eof-object? form))
          (begin (eval form) (loop (read port)))))))
