;;; fringe.scm -- do two trees have the same leaves?  Two walks take turns, as
;;; coroutines made of re-entered continuations.
;;; Answer: trees built to agree, and to differ in one leaf; number of leaves.

;; A procedure that gives the next leaf at each call, then `done`.
(define (leaves tree)
  (define return #f)
  (define (walk tree)
    (if (pair? tree)
        (begin (walk (car tree)) (walk (cdr tree)))
        (call/cc (lambda (rest)
                   (set! resume (lambda () (rest #f)))
                   (return tree)))))
  (define resume
    (lambda ()
      (walk tree)
      (set! resume (lambda () (return 'done)))
      (return 'done)))
  (lambda ()
    (call/cc (lambda (k)
               (set! return k)
               (resume)))))

(define (same-fringe? a b)
  (let ((next-a (leaves a)) (next-b (leaves b)))
    (let loop ((count 0))
      (let ((x (next-a)) (y (next-b)))
        (cond ((not (eqv? x y)) (list 'differ 'after count))
              ((eq? x 'done) (list 'same count))
              (else (loop (+ count 1))))))))

;; Leaves low ... high - 1, leaning to the left, to the right, or balanced.
(define (left low high)
  (do ((i (+ low 1) (+ i 1)) (tree low (cons tree i))) ((= i high) tree)))
(define (right low high)
  (do ((i (- high 2) (- i 1)) (tree (- high 1) (cons i tree)))
      ((< i low) tree)))
(define (balanced low high)
  (if (= (+ low 1) high)
      low
      (let ((middle (quotient (+ low high) 2)))
        (cons (balanced low middle) (balanced middle high)))))

(define n 150000)
(display (same-fringe? (left 0 n) (right 0 n)))
(newline)
(display (same-fringe? (balanced 0 n) (left 0 n)))
(newline)
(display (same-fringe? (right 0 n)
                       (cons (balanced 0 (- n 10)) (right (- n 9) n))))
(newline)
