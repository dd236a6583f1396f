;;; primes.scm -- the sieve of Eratosthenes, in a vector and in streams.
;;; Answer: 148933 primes below two million (OEIS A000720); the 10000th prime
;;; is 104729 (OEIS A000040).

(define (count-primes n)
  (let ((composite (make-vector n #f)))
    (let next ((p 2) (count 0))
      (cond ((= p n) count)
            ((vector-ref composite p) (next (+ p 1) count))
            (else
             (do ((m (* p p) (+ m p))) ((>= m n))
               (vector-set! composite m #t))
             (next (+ p 1) (+ count 1)))))))

(display (count-primes 2000000))
(newline)

(define (integers n) (cons-stream n (integers (+ n 1))))

(define (stream-filter keep? s)
  (if (keep? (car s))
      (cons-stream (car s) (stream-filter keep? (force (cdr s))))
      (stream-filter keep? (force (cdr s)))))

(define primes
  (cons-stream 2 (stream-filter prime? (integers 3))))

(define (prime? n)
  (let loop ((s primes))
    (cond ((> (* (car s) (car s)) n) #t)
          ((= (remainder n (car s)) 0) #f)
          (else (loop (force (cdr s)))))))

(define (stream-ref s n)
  (if (= n 0) (car s) (stream-ref (force (cdr s)) (- n 1))))

(display (stream-ref primes 9999))
(newline)
