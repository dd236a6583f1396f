;;; deriv.scm -- symbolic derivatives: short-lived lists.
;;; Answer: the derivative by the rules below, worked by hand, and its value at
;;; x = 5, a = 3, b = 2, which is (6 + 2a) x + b = 62.

(define (derive e)
  (cond ((symbol? e) (if (eq? e 'x) 1 0))
        ((not (pair? e)) 0)
        ((eq? (car e) '+) (cons '+ (map derive (cdr e))))
        ((eq? (car e) '-) (cons '- (map derive (cdr e))))
        ((eq? (car e) '*)
         (list '* e (cons '+ (map (lambda (f) (list '/ (derive f) f))
                                  (cdr e)))))
        ((eq? (car e) '/)
         (let ((u (cadr e)) (v (caddr e)))
           (list '- (list '/ (derive u) v)
                 (list '/ (list '* u (derive v)) (list '* v v)))))
        (else (error "no rule for" e))))

(define (evaluate e bindings)
  (cond ((number? e) e)
        ((symbol? e) (cdr (assq e bindings)))
        (else
         (let ((args (map (lambda (a) (evaluate a bindings)) (cdr e))))
           (case (car e)
             ((+) (apply + args))
             ((-) (apply - args))
             ((*) (apply * args))
             ((/) (apply / (map exact->inexact args))))))))

(define polynomial '(+ (* 3 x x) (* a x x) (* b x) 5))

(define (repeat n)
  (if (= n 1)
      (derive polynomial)
      (begin (derive polynomial) (repeat (- n 1)))))

(define result (repeat 240000))
(write result)
(newline)
(display (round (evaluate result '((x . 5) (a . 3) (b . 2)))))
(newline)
