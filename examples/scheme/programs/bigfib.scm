;;; bigfib.scm -- the hundred-thousandth Fibonacci number, by adding up, and
;;; by doubling: large bignums.
;;; Answer: number of digits, their sum and the last ten, by an independent
;;; program.

(define (fib-adding n)
  (do ((i 0 (+ i 1)) (a 0 b) (b 1 (+ a b))) ((= i n) a)))

;; F(2k) = F(k) (2 F(k+1) - F(k)), F(2k+1) = F(k+1)^2 + F(k)^2
(define (fib-doubling n)
  (define (both n)
    (if (= n 0)
        (values 0 1)
        (let-values (((a b) (both (quotient n 2))))
          (let ((c (* a (- (* 2 b) a))) (d (+ (* a a) (* b b))))
            (if (even? n) (values c d) (values d (+ c d)))))))
  (let-values (((f next) (both n))) f))

(define (digit-sum text)
  (let loop ((i (- (string-length text) 1)) (sum 0))
    (if (< i 0)
        sum
        (loop (- i 1) (+ sum (digit-value (string-ref text i)))))))

(define f (fib-doubling 100000))
(define text (number->string f))
(display (string-length text))
(newline)
(display (substring text (- (string-length text) 10)))
(newline)
(display (digit-sum text))
(newline)
(display (= (fib-adding 100000) f))
(newline)
