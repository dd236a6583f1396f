;;; cpstak.scm -- tak in continuation-passing style: every call is a tail call
;;; and every continuation a closure, soon garbage.
;;; Answer: that of tak, (tak 18 12 6) = 7.

(define (tak x y z)
  (define (cps x y z return)
    (if (not (< y x))
        (return z)
        (cps (- x 1) y z
             (lambda (a)
               (cps (- y 1) z x
                    (lambda (b)
                      (cps (- z 1) x y
                           (lambda (c) (cps a b c return)))))))))
  (cps x y z (lambda (result) result)))

(let loop ((n 120))
  (if (= n 1)
      (begin (display (tak 18 12 6)) (newline))
      (begin (tak 18 12 6) (loop (- n 1)))))
