;;; tak.scm -- Takeuchi's function as McCarthy remembered it: calls and small
;;; integers, nothing else.
;;; Answer: 7 for (18 12 6) (R. P. Gabriel, "Performance and Evaluation of Lisp
;;; Systems", MIT Press 1985, section 3.1), 9 for (24 16 8) by an independent
;;; program.

(define (tak x y z)
  (if (not (< y x))
      z
      (tak (tak (- x 1) y z)
           (tak (- y 1) z x)
           (tak (- z 1) x y))))

(display (tak 24 16 8))
(newline)
(display (let loop ((n 200) (result 0))
           (if (= n 0) result (loop (- n 1) (tak 18 12 6)))))
(newline)
