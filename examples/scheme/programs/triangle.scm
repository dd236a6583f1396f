;;; triangle.scm -- peg solitaire on a triangle of 15 holes: all games that
;;; leave one peg.
;;; Answer: 1550 games when the hole in the middle of the third row starts
;;; empty: twice the 775 of Gabriel's "triang", which fixes the first of two
;;; mirrored moves.

;; Holes are numbered from the top, row by row; a jump is (from over to).
(define (hole row column) (+ column (quotient (* row (+ row 1)) 2)))

(define (inside? row column) (and (<= 0 column) (<= column row) (< row 5)))

(define jumps
  (let ((list '()))
    (do ((row 0 (+ row 1))) ((= row 5) (list->vector list))
      (do ((column 0 (+ column 1))) ((> column row))
        (for-each
         (lambda (step)
           (let ((r (car step)) (c (cdr step)))
             (if (inside? (+ row r r) (+ column c c))
                 (set! list
                       (cons (vector (hole row column)
                                     (hole (+ row r) (+ column c))
                                     (hole (+ row r r) (+ column c c)))
                             list)))))
         '((0 . 1) (0 . -1) (1 . 0) (-1 . 0) (1 . 1) (-1 . -1)))))))

(define board (make-vector 15 #t))
(define games 0)

(define (play pegs)
  (if (= pegs 1)
      (set! games (+ games 1))
      (let loop ((i (- (vector-length jumps) 1)))
        (if (>= i 0)
            (let* ((jump (vector-ref jumps i))
                   (from (vector-ref jump 0))
                   (over (vector-ref jump 1))
                   (to (vector-ref jump 2)))
              (if (and (vector-ref board from) (vector-ref board over)
                       (not (vector-ref board to)))
                  (begin
                    (vector-set! board from #f)
                    (vector-set! board over #f)
                    (vector-set! board to #t)
                    (play (- pegs 1))
                    (vector-set! board from #t)
                    (vector-set! board over #t)
                    (vector-set! board to #f)))
              (loop (- i 1)))))))

(vector-set! board (hole 2 1) #f)
(play 14)
(display games)
(newline)
