;;; nqueens.scm -- placing queens, with lists of free columns.
;;; Answer: 92, 2680 and 14200 solutions for 8, 11 and 12 queens (OEIS A000170).

(define (queens n)
  (define (safe? column distance placed)
    (or (null? placed)
        (and (not (= (car placed) (+ column distance)))
             (not (= (car placed) (- column distance)))
             (safe? column (+ distance 1) (cdr placed)))))
  (define (try free rejected placed)
    (if (null? free)
        (if (null? rejected) 1 0)
        (+ (if (safe? (car free) 1 placed)
               (try (append (cdr free) rejected) '() (cons (car free) placed))
               0)
           (try (cdr free) (cons (car free) rejected) placed))))
  (try (iota n 1) '() '()))

(for-each (lambda (n) (display (queens n)) (newline)) '(8 11 12))
