;;; churn.scm -- a few megabytes alive, gigabytes passing through: what a
;;; collector is for.  A ring of slots holds the most recent lists, vectors,
;;; strings and trees; everything older is garbage.
;;; Answer: sums of what is alive at the end, by arithmetic: see `check`.

(define slots 64)
(define ring (make-vector slots #f))

;; About a quarter of a megabyte in blocks of several kinds.
(define (batch i)
  (vector (iota 2000 i)
          (make-vector 4000 i)
          (make-string 60000 #\x)
          (let tree ((depth 9))
            (if (= depth 0) i (cons (tree (- depth 1)) (tree (- depth 1)))))
          (map (lambda (n) (make-vector 40 n)) (iota 250 i))))

(define (tree-sum t)
  (if (pair? t) (+ (tree-sum (car t)) (tree-sum (cdr t))) t))

;; 2000 i + 1999000, 4000 i, 60000, 512 i, and 250 i + 31125.
(define (check i)
  (let ((b (vector-ref ring (remainder i slots))))
    (= (+ (apply + (vector-ref b 0))
          (apply + (vector->list (vector-ref b 1)))
          (string-length (vector-ref b 2))
          (tree-sum (vector-ref b 3))
          (apply + (map (lambda (v) (vector-ref v 39)) (vector-ref b 4))))
       (+ (* 6762 i) 1999000 60000 31125))))

(define batches 12000)
(do ((i 0 (+ i 1))) ((= i batches))
  (vector-set! ring (remainder i slots) (batch i)))
(display (every check (iota slots (- batches slots))))
(newline)
(display batches)
(newline)
