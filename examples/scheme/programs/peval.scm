;;; peval.scm -- a small partial evaluator: specialises a program in a tiny
;;; first-order language to the arguments that are known, unfolding calls.
;;; Answer: (power x 13) specialised is the chain of squarings of 13 = 1101b;
;;; run at x = 3 it gives 3^13 = 1594323, at x = 2 it gives 8192; Ackermann's
;;; A(2, n) = 2n + 3 with everything known unfolds to a number.  7^1000 is that
;;; of an independent program.

(define program
  '((power (x n)
      (if (= n 0)
          1
          (if (= (remainder n 2) 0)
              (square (power x (quotient n 2)))
              (* x (power x (- n 1))))))
    (square (y) (* y y))
    (ackermann (m n)
      (if (= m 0)
          (+ n 1)
          (if (= n 0)
              (ackermann (- m 1) 1)
              (ackermann (- m 1) (ackermann m (- n 1))))))))

(define primitives
  (list (cons '+ +) (cons '- -) (cons '* *) (cons '= =)
        (cons 'quotient quotient) (cons 'remainder remainder)))

(define (constant? e) (or (number? e) (boolean? e)))

;; Residual code for `e` where `env` binds names to residual code.
(define (specialise e env)
  (cond ((constant? e) e)
        ((symbol? e) (cdr (assq e env)))
        ((eq? (car e) 'if)
         (let ((test (specialise (cadr e) env)))
           (cond ((not (constant? test))
                  (list 'if test (specialise (caddr e) env)
                        (specialise (cadddr e) env)))
                 (test (specialise (caddr e) env))
                 (else (specialise (cadddr e) env)))))
        (else
         (let ((args (map (lambda (a) (specialise a env)) (cdr e)))
               (primitive (assq (car e) primitives)))
           (if primitive
               (residual-primitive primitive args)
               (unfold (assq (car e) program) args))))))

(define (residual-primitive primitive args)
  (cond ((every constant? args) (apply (cdr primitive) args))
        ((and (eq? (car primitive) '*) (eqv? (cadr args) 1)) (car args))
        (else (cons (car primitive) args))))

;; Arguments that are not atoms are named, not copied.
(define (unfold definition args)
  (let loop ((names (cadr definition)) (args args) (env '()) (lets '()))
    (cond ((null? names)
           (wrap lets (specialise (caddr definition) env)))
          ((pair? (car args))
           (let ((name (fresh)))
             (loop (cdr names) (cdr args) (cons (cons (car names) name) env)
                   (cons (list name (car args)) lets))))
          (else
           (loop (cdr names) (cdr args)
                 (cons (cons (car names) (car args)) env) lets)))))

(define counter 0)
(define (fresh)
  (set! counter (+ counter 1))
  (string->symbol (string-append "t" (number->string counter))))

(define (wrap lets body)
  (if (null? lets) body (wrap (cdr lets) (list 'let (list (car lets)) body))))

(define (power-code n)
  (set! counter 0)
  (specialise (list 'power 'x n) '((x . x))))

(define (run code x) ((eval (list 'lambda '(x) code)) x))

(write (power-code 13))
(newline)
(display (run (power-code 13) 3))
(newline)
(display (run (power-code 13) 2))
(newline)
(do ((n 1 (+ n 1))) ((= n 3000)) (power-code n))
(display (run (power-code 1000) 7))
(newline)
(display (specialise '(ackermann 2 100) '()))
(newline)
