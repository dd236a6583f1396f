;;; earley.scm -- Earley's parser on an ambiguous grammar, counting parses.
;;; Answer: S -> S S | a has as many parses of a^n as there are binary trees
;;; with n leaves, the Catalan number C(n-1): C(11) = 58786 for n = 12, and
;;; C(19) = 1767263190 for n = 20 (OEIS A000108), and C(119) for n = 120.

;; A rule is (left . right); right is a list of symbols, strings are terminals.
(define grammar '((s s s) (s "a")))

(define (rules-of symbol)
  (filter (lambda (rule) (eq? (car rule) symbol)) grammar))

;; An item is #(rule rest start): `rest` is what of the right side is to come.
;; Sets of items are lists; `seen` avoids doubles.
(define (parse-sets tokens)
  (let* ((n (length tokens))
         (sets (make-vector (+ n 1) '()))
         (seen (make-hash-table)))
    (define (add! rule rest start at)
      (let ((key (list rule (length rest) start at)))
        (if (not (hash-table-contains? seen key))
            (let ((item (vector rule rest start)))
              (hash-table-set! seen key #t)
              (vector-set! sets at (cons item (vector-ref sets at)))
              (work! item at)))))
    ;; Predict, complete, or wait for the scanner.
    (define (work! item at)
      (let ((rest (vector-ref item 1)))
        (cond ((null? rest) (complete! item at))
              ((symbol? (car rest))
               (for-each (lambda (rule) (add! rule (cdr rule) at at))
                         (rules-of (car rest)))))))
    (define (complete! item at)
      (let ((symbol (car (vector-ref item 0))))
        (for-each
         (lambda (waiting)
           (let ((rest (vector-ref waiting 1)))
             (if (and (pair? rest) (eq? (car rest) symbol))
                 (add! (vector-ref waiting 0) (cdr rest)
                       (vector-ref waiting 2) at))))
         (vector-ref sets (vector-ref item 2)))))
    (for-each (lambda (rule) (add! rule (cdr rule) 0 0)) (rules-of 's))
    (let scan ((tokens tokens) (at 0))
      (if (pair? tokens)
          (begin
            (for-each
             (lambda (item)
               (let ((rest (vector-ref item 1)))
                 (if (and (pair? rest) (equal? (car rest) (car tokens)))
                     (add! (vector-ref item 0) (cdr rest)
                           (vector-ref item 2) (+ at 1)))))
             (vector-ref sets at))
            (scan (cdr tokens) (+ at 1)))))
    sets))

;; Parses of `symbol` over tokens [start, end), by the finished items.
(define (count-parses sets symbol start end)
  (define known (make-hash-table))
  (define (count symbol start end)
    (let ((key (list symbol start end)))
      (or (hash-table-ref/default known key #f)
          (let ((total
                 (fold (lambda (item total)
                         (if (and (null? (vector-ref item 1))
                                  (= (vector-ref item 2) start)
                                  (eq? (car (vector-ref item 0)) symbol))
                             (+ total (count-right (cdr (vector-ref item 0))
                                                   start end))
                             total))
                       0 (vector-ref sets end))))
            (hash-table-set! known key total)
            total))))
  (define (count-right right start end)
    (cond ((null? right) (if (= start end) 1 0))
          ((string? (car right))
           (if (< start end) (count-right (cdr right) (+ start 1) end) 0))
          ((null? (cdr right)) (count (car right) start end))
          (else
           (do ((middle (+ start 1) (+ middle 1))
                (total 0 (+ total (* (count (car right) start middle)
                                     (count-right (cdr right) middle end)))))
               ((>= middle end) total)))))
  (count symbol start end))

(define (parses n)
  (count-parses (parse-sets (make-list n "a")) 's 0 n))

(for-each (lambda (n) (display (parses n)) (newline)) '(12 20 120))
