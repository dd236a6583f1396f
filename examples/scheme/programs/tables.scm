;;; tables.scm -- hash tables: counting, memoising, joining.
;;; Answer: below 200000 the number 156159 has the longest Collatz sequence, 383
;;; numbers (OEIS A006877, A006878).  The rest by an independent program.

(define known (make-eqv-hash-table))
(hash-table-set! known 1 1)

(define (collatz n)
  (or (hash-table-ref/default known n #f)
      (let ((length (+ 1 (collatz (if (even? n)
                                      (quotient n 2)
                                      (+ 1 (* 3 n)))))))
        (hash-table-set! known n length)
        length)))

(let loop ((n 1) (best 1))
  (if (< n 200000)
      (loop (+ n 1) (if (> (collatz n) (collatz best)) n best))
      (begin
        (display (list best (collatz best)))
        (newline))))
(display (hash-table-count known))
(newline)

;; Count words made of pseudo-random letters, list the most frequent.
(define counts (make-hash-table))
(define (word seed)
  (list->string
   (map (lambda (shift)
          (integer->char (+ 97 (remainder (quotient seed shift) 5))))
        '(65536 655360 6553600))))

(let loop ((i 0) (seed 7))
  (if (< i 60000)
      (begin
        (hash-table-update!/default counts (word seed)
                                    (lambda (n) (+ n 1)) 0)
        (loop (+ i 1)
              (remainder (+ (* seed 1103515245) 12345) 2147483648)))))
(display (hash-table-count counts))
(newline)
(display (list-head (sort (hash-table->alist counts)
                          (lambda (a b)
                            (or (> (cdr a) (cdr b))
                                (and (= (cdr a) (cdr b))
                                     (string<? (car a) (car b))))))
                    3))
(newline)

(for-each (lambda (key) (hash-table-delete! counts key))
          (filter (lambda (key) (char=? (string-ref key 0) #\a))
                  (hash-table-keys counts)))
(display (hash-table-count counts))
(newline)
