;;; pi.scm -- digits of pi from a stream of rational approximations: bignums
;;; of growing size, each used once.
;;; Source: J. Gibbons, "Unbounded spigot algorithms for the digits of pi",
;;; American Mathematical Monthly 113, 2006.
;;; Answer: the last ten of the first 2000 digits and the sum of all, by
;;; Machin's formula in an independent program.

(define (pi-digits count)
  (let loop ((q 1) (r 0) (t 1) (k 1) (n 3) (l 3) (left count) (digits '()))
    (cond ((= left 0) (reverse digits))
          ((< (- (+ (* 4 q) r) t) (* n t))
           (loop (* q 10) (* 10 (- r (* n t))) t k
                 (- (quotient (* 10 (+ (* 3 q) r)) t) (* 10 n))
                 l (- left 1) (cons n digits)))
          (else
           (loop (* q k) (* (+ (* 2 q) r) l) (* t l) (+ k 1)
                 (quotient (+ (* q (+ (* 7 k) 2)) (* r l)) (* t l))
                 (+ l 2) left digits)))))

(define digits (pi-digits 2000))
(for-each display (list-head digits 20))
(newline)
(for-each display (list-tail digits 1990))
(newline)
(display (apply + digits))
(newline)
