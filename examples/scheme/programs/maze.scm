;;; maze.scm -- digs a maze by a random walk that backs out of dead ends, and
;;; finds the shortest way through it.
;;; Answer: by an independent program with the same random numbers.

(define width 120)
(define height 80)
(define cells (* width height))

(define seed 42)
(define (random-below n)
  (set! seed (remainder (+ (* seed 1103515245) 12345) 2147483648))
  (remainder (quotient seed 65536) n))

;; Open neighbours of each cell.
(define passages (make-vector cells '()))

(define (neighbours cell)
  (let ((x (remainder cell width)) (y (quotient cell width)))
    (append (if (> x 0) (list (- cell 1)) '())
            (if (< x (- width 1)) (list (+ cell 1)) '())
            (if (> y 0) (list (- cell width)) '())
            (if (< y (- height 1)) (list (+ cell width)) '()))))

(define (open! a b)
  (vector-set! passages a (cons b (vector-ref passages a)))
  (vector-set! passages b (cons a (vector-ref passages b))))

(define (dig! start)
  (define seen (make-vector cells #f))
  (define (walk cell)
    (vector-set! seen cell #t)
    (let loop ()
      (let ((next (filter (lambda (n) (not (vector-ref seen n)))
                          (neighbours cell))))
        (if (pair? next)
            (let ((chosen (list-ref next (random-below (length next)))))
              (open! cell chosen)
              (walk chosen)
              (loop))))))
  (walk start))

;; Steps from `start` to each cell, breadth first.
(define (distances start)
  (define steps (make-vector cells #f))
  (vector-set! steps start 0)
  (let loop ((wave (list start)) (distance 1))
    (if (pair? wave)
        (loop (append-map
               (lambda (cell)
                 (let ((next (filter (lambda (n) (not (vector-ref steps n)))
                                     (vector-ref passages cell))))
                   (for-each (lambda (n) (vector-set! steps n distance)) next)
                   next))
               wave)
              (+ distance 1))))
  steps)

(dig! 0)
(define steps (distances 0))
(display (vector-ref steps (- cells 1)))
(newline)
(display (apply max (vector->list steps)))
(newline)
(do ((i 0 (+ i 1)) (sum 0 (+ sum (vector-ref (distances (* i 103))
                                             (- cells 1)))))
    ((= i 80) (display sum) (newline)))
