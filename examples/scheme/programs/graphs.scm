;;; graphs.scm -- all labelled graphs on six vertices, tested for being
;;; connected and for being bipartite.  Lists, closures, bits.
;;; Answer: 26704 connected (OEIS A001187), 5177 bipartite (OEIS A047864).

(define n 6)

(define pairs
  (let loop ((i 0) (j 1) (list '()))
    (cond ((= i (- n 1)) (reverse list))
          ((= j n) (loop (+ i 1) (+ i 2) list))
          (else (loop i (+ j 1) (cons (cons i j) list))))))

;; Lists of neighbours, one per vertex, of the graph with these edges.
(define (graph edges)
  (let ((neighbours (make-vector n '())))
    (for-each
     (lambda (edge)
       (let ((a (car edge)) (b (cdr edge)))
         (vector-set! neighbours a (cons b (vector-ref neighbours a)))
         (vector-set! neighbours b (cons a (vector-ref neighbours b)))))
     edges)
    neighbours))

(define (connected? graph)
  (let visit ((todo '(0)) (seen '()))
    (cond ((null? todo) (= (length seen) n))
          ((memv (car todo) seen) (visit (cdr todo) seen))
          (else (visit (append (vector-ref graph (car todo)) (cdr todo))
                       (cons (car todo) seen))))))

(define (bipartite? graph)
  (define colours (make-vector n #f))
  (define (paint vertex colour)
    (let ((have (vector-ref colours vertex)))
      (cond (have (eq? have colour))
            (else
             (vector-set! colours vertex colour)
             (every (lambda (next)
                      (paint next (if (eq? colour 'red) 'blue 'red)))
                    (vector-ref graph vertex))))))
  (let loop ((vertex 0))
    (or (= vertex n)
        (and (or (vector-ref colours vertex) (paint vertex 'red))
             (loop (+ vertex 1))))))

(define (for-each-graph f)
  (let choose ((pairs pairs) (edges '()))
    (if (null? pairs)
        (f (graph edges))
        (begin
          (choose (cdr pairs) edges)
          (choose (cdr pairs) (cons (car pairs) edges))))))

(define (count good?)
  (let ((total 0))
    (for-each-graph (lambda (g) (if (good? g) (set! total (+ total 1)))))
    total))

(display (count connected?))
(newline)
(display (count bipartite?))
(newline)
