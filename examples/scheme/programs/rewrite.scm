;;; rewrite.scm -- a theorem prover after Boyer and Moore: rewrites a formula
;;; with lemmas as equations until it is made of `if`, then splits on the tests.
;;; Answer: a chain of implications implies its ends, so the first formulas are
;;; theorems and the last is not; and the number of rewrites, by an independent
;;; program.

(define lemmas (make-hash-table))
(define rewrites 0)

(define (add-lemma! left right)
  (hash-table-update!/default lemmas (car left)
                              (lambda (old)
                                (append old (list (cons left right))))
                              '()))

(for-each (lambda (lemma) (add-lemma! (car lemma) (cadr lemma)))
          '(((and p q) (if p (if q (t) (f)) (f)))
            ((or p q) (if p (t) (if q (t) (f))))
            ((not p) (if p (f) (t)))
            ((implies p q) (if p (if q (t) (f)) (t)))
            ((iff p q) (and (implies p q) (implies q p)))
            ((if (if a b c) d e) (if a (if b d e) (if c d e)))
            ((plus (plus x y) z) (plus x (plus y z)))
            ((times x (plus y z)) (plus (times x y) (times x z)))
            ((times (plus x y) z) (plus (times x z) (times y z)))
            ((append (append x y) z) (append x (append y z)))
            ((reverse (append x y)) (append (reverse y) (reverse x)))
            ((length (append x y)) (plus (length x) (length y)))
            ((equal (plus x y) (plus x z)) (equal y z))
            ((equal x x) (t))))

;; Bindings that make `pattern` equal to `term`, or #f.
(define (match pattern term bindings)
  (cond ((symbol? pattern)
         (let ((bound (assq pattern bindings)))
           (cond ((not bound) (cons (cons pattern term) bindings))
                 ((equal? (cdr bound) term) bindings)
                 (else #f))))
        ((and (pair? term) (eq? (car pattern) (car term)))
         (match-all (cdr pattern) (cdr term) bindings))
        (else #f)))

(define (match-all patterns terms bindings)
  (cond ((null? patterns) (and (null? terms) bindings))
        ((null? terms) #f)
        (else
         (let ((bindings (match (car patterns) (car terms) bindings)))
           (and bindings
                (match-all (cdr patterns) (cdr terms) bindings))))))

(define (substitute term bindings)
  (if (symbol? term)
      (let ((bound (assq term bindings))) (if bound (cdr bound) term))
      (cons (car term)
            (map (lambda (t) (substitute t bindings)) (cdr term)))))

(define (rewrite term)
  (if (symbol? term)
      term
      (rewrite-by (cons (car term) (map rewrite (cdr term)))
                  (hash-table-ref/default lemmas (car term) '()))))

(define (rewrite-by term lemmas)
  (if (null? lemmas)
      term
      (let ((bindings (match (caar lemmas) term '())))
        (if bindings
            (begin
              (set! rewrites (+ rewrites 1))
              (rewrite (substitute (cdar lemmas) bindings)))
            (rewrite-by term (cdr lemmas))))))

;; Is the rewritten term true whenever all of `yes` are and none of `no` is?
(define (tautology? term yes no)
  (cond ((or (equal? term '(t)) (member term yes)) #t)
        ((or (equal? term '(f)) (member term no)) #f)
        ((and (pair? term) (eq? (car term) 'if))
         (let ((test (cadr term)))
           (cond ((or (equal? test '(t)) (member test yes))
                  (tautology? (caddr term) yes no))
                 ((or (equal? test '(f)) (member test no))
                  (tautology? (cadddr term) yes no))
                 (else
                  (and (tautology? (caddr term) (cons test yes) no)
                       (tautology? (cadddr term) yes (cons test no)))))))
        (else #f)))

(define (prove term) (tautology? (rewrite term) '() '()))

;; ((a1 -> a2) and (a2 -> a3) and ...) -> (a1 -> an)
(define (chain formulas)
  (list 'implies
        (let loop ((f formulas))
          (let ((step (list 'implies (car f) (cadr f))))
            (if (null? (cddr f)) step (list 'and step (loop (cdr f))))))
        (list 'implies (car formulas) (last formulas))))

(define formulas
  '((equal (plus a (plus b c)) (plus (plus a b) d))
    (p (times a (plus b c)))
    (equal (times (plus a b) (plus c d)) (z))
    (r (append (append x y) z))
    (q (length (append a b)))
    (s (reverse (append (append a b) (append c d))))))

(define (report claim)
  (display claim) (display " ") (display rewrites) (newline)
  (set! rewrites 0))

(report (prove (chain (list-head formulas 3))))
(report (prove (chain (list-head formulas 4))))
(report (prove (chain (list-head formulas 5))))
(report (prove (chain formulas)))
(report (prove '(iff (or (p) (and (q) (r))) (and (or (p) (q)) (or (p) (r))))))
(report (prove '(implies (or (p x) (q x)) (and (p x) (q x)))))
