;;; fib.scm -- Fibonacci by the definition: procedure calls.
;;; Answer: F(35) = 9227465 (OEIS A000045).

(define (fib n)
  (if (< n 2)
      n
      (+ (fib (- n 1)) (fib (- n 2)))))

(display (fib 35))
(newline)
