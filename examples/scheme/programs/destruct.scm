;;; destruct.scm -- lists changed in place: a ring from which people are cut
;;; out (Josephus), and a merge sort that only moves cdrs.
;;; Answer: Josephus's own place for 41 people and every third is 31; for 50000
;;; and every seventh the recurrence J(n) = (J(n-1) + k) mod n gives 38699.  The
;;; sort is of x -> 1103515245 x + 12345 mod 2^31; sums by an independent
;;; program.

(define (ring n)
  (let* ((last (list n))
         (first (let loop ((i (- n 1)) (rest last))
                  (if (= i 0) rest (loop (- i 1) (cons i rest))))))
    (set-cdr! last first)
    last))

;; `before` is the pair before the one that counts 1.
(define (survivor before step)
  (if (eq? before (cdr before))
      (car before)
      (let ((before (let loop ((i 1) (p before))
                      (if (= i step) p (loop (+ i 1) (cdr p))))))
        (set-cdr! before (cddr before))
        (survivor before step))))

(define (merge! a b)
  (let ((head (list 'head)))
    (let loop ((last head) (a a) (b b))
      (cond ((null? a) (set-cdr! last b))
            ((null? b) (set-cdr! last a))
            ((< (car b) (car a)) (set-cdr! last b) (loop b a (cdr b)))
            (else (set-cdr! last a) (loop a (cdr a) b))))
    (cdr head)))

;; Sort the n pairs that start at `list`, cutting it off behind them.
(define (sort! list n)
  (if (= n 1)
      (begin (set-cdr! list '()) list)
      (let* ((half (quotient n 2)) (rest (list-tail list half)))
        (merge! (sort! list half) (sort! rest (- n half))))))

(define (numbers n seed)
  (let loop ((n n) (seed seed) (list '()))
    (if (= n 0)
        list
        (loop (- n 1) (remainder (+ (* seed 1103515245) 12345) 2147483648)
              (cons seed list)))))

;; Sum of i * item, modulo a prime.
(define (checksum list)
  (let loop ((list list) (i 1) (sum 0))
    (if (null? list)
        sum
        (loop (cdr list) (+ i 1)
              (remainder (+ sum (* i (car list))) 1000000007)))))

(display (survivor (ring 41) 3))
(newline)
(display (survivor (ring 50000) 7))
(newline)
(display (let loop ((i 1) (sum 0))
           (if (> i 20)
               sum
               (loop (+ i 1) (+ sum (checksum (sort! (numbers 20000 i)
                                                     20000)))))))
(newline)
