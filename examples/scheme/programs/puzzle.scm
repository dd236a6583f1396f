;;; puzzle.scm -- Forest Baskett's packing puzzle: fill a 5x5x5 box with 18
;;; pieces of four classes, by trial.  Vectors and nested loops.
;;; Answer: 2005 trials (R. P. Gabriel, "Performance and Evaluation of Lisp
;;; Systems", MIT Press 1985, section 3.18).

(define d 8)
(define size 511)
(define trials 0)

(define box (make-vector (+ size 1) #t)) ; #t: taken, or outside
(define piece-class '())                 ; of each type of piece
(define piece-cells '())
(define left (vector 13 3 1 1))          ; pieces of each class

(define (place i j k) (+ i (* d (+ j (* d k)))))

;; A type of piece: the cells of a block, relative to its first cell.
(define (define-piece class ii jj kk)
  (let ((cells '()))
    (do ((i 0 (+ i 1))) ((> i ii))
      (do ((j 0 (+ j 1))) ((> j jj))
        (do ((k 0 (+ k 1))) ((> k kk))
          (set! cells (cons (place i j k) cells)))))
    (set! piece-class (append piece-class (list class)))
    (set! piece-cells (append piece-cells (list (reverse cells))))))

(define (fits? cells at)
  (or (null? cells)
      (and (not (vector-ref box (+ at (car cells))))
           (fits? (cdr cells) at))))

(define (mark! cells at taken?)
  (for-each (lambda (cell) (vector-set! box (+ at cell) taken?)) cells))

(define (next-free at)
  (cond ((> at size) 0)
        ((vector-ref box at) (next-free (+ at 1)))
        (else at)))

(define (count! class change)
  (vector-set! left class (+ (vector-ref left class) change)))

(define (trial at)
  (let loop ((type 0))
    (if (> type 12)
        (begin (set! trials (+ trials 1)) #f)
        (let ((class (vector-ref piece-class type))
              (cells (vector-ref piece-cells type)))
          (if (and (> (vector-ref left class) 0) (fits? cells at))
              (begin
                (mark! cells at #t)
                (count! class -1)
                (let ((next (next-free at)))
                  (if (or (trial next) (= next 0))
                      (begin (set! trials (+ trials 1)) #t)
                      (begin
                        (mark! cells at #f)
                        (count! class 1)
                        (loop (+ type 1))))))
              (loop (+ type 1)))))))

(do ((k 1 (+ k 1))) ((> k 5))
  (do ((j 1 (+ j 1))) ((> j 5))
    (do ((i 1 (+ i 1))) ((> i 5))
      (vector-set! box (place i j k) #f))))

(for-each (lambda (p) (apply define-piece p))
          '((0 3 1 0) (0 1 0 3) (0 0 3 1) (0 1 3 0) (0 3 0 1) (0 0 1 3)
            (1 2 0 0) (1 0 2 0) (1 0 0 2)
            (2 1 1 0) (2 1 0 1) (2 0 1 1)
            (3 1 1 1)))
(set! piece-class (list->vector piece-class))
(set! piece-cells (list->vector piece-cells))

;; The first piece is put down by hand; the box is emptied again afterwards.
(define (solve)
  (define before (vector-copy box))
  (define first (place 1 1 1))
  (set! left (vector 13 3 1 1))
  (set! trials 0)
  (mark! (vector-ref piece-cells 0) first #t)
  (count! 0 -1)
  (let ((solved? (trial (next-free first))))
    (set! box before)
    solved?))

(do ((i 0 (+ i 1))) ((= i 39)) (solve))
(if (solve)
    (begin (display "success in ") (display trials) (display " trials"))
    (display "no place"))
(newline)
