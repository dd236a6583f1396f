;;; ctak.scm -- tak where each value comes back through a continuation of
;;; call/cc: capture and throw.
;;; Answer: that of tak, (tak 18 12 6) = 7.

(define (ctak x y z)
  (call/cc (lambda (k) (ctak-to k x y z))))

(define (ctak-to k x y z)
  (if (not (< y x))
      (k z)
      (call/cc
       (lambda (k)
         (ctak-to k
                  (call/cc (lambda (k) (ctak-to k (- x 1) y z)))
                  (call/cc (lambda (k) (ctak-to k (- y 1) z x)))
                  (call/cc (lambda (k) (ctak-to k (- z 1) x y))))))))

(do ((i 0 (+ i 1))) ((= i 49)) (ctak 18 12 6))
(display (ctak 18 12 6))
(newline)
