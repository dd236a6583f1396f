;;; strings.scm -- building, cutting and searching text.
;;; Answer: the 46th term has 310036 digits (OEIS A005341); the other lengths
;;; and counts by an independent program.

;; The look-and-say sequence: 1, 11, 21, 1211, 111221 ...
(define (look-and-say text)
  (call-with-output-string
   (lambda (port)
     (let ((end (string-length text)))
       (let loop ((i 0))
         (if (< i end)
             (let ((c (string-ref text i)))
               (let run ((j (+ i 1)))
                 (if (and (< j end) (char=? (string-ref text j) c))
                     (run (+ j 1))
                     (begin
                       (write-string (number->string (- j i)) port)
                       (write-char c port)
                       (loop j)))))))))))

(define (iterate f n x) (if (= n 0) x (iterate f (- n 1) (f x))))

(define (words text)
  (let loop ((i 0) (start 0) (list '()))
    (cond ((= i (string-length text))
           (reverse (if (= start i) list (cons (substring text start i) list))))
          ((char=? (string-ref text i) #\space)
           (loop (+ i 1) (+ i 1)
                 (if (= start i) list (cons (substring text start i) list))))
          (else (loop (+ i 1) start list)))))

(define (palindrome? text)
  (let loop ((i 0) (j (- (string-length text) 1)))
    (or (>= i j)
        (and (char=? (string-ref text i) (string-ref text j))
             (loop (+ i 1) (- j 1))))))

(display (string-length (iterate look-and-say 45 "1")))
(newline)

(define text
  (string-join (map number->string (iota 30000)) " "))
(display (string-length text))
(newline)
(display (length (filter palindrome? (words text))))
(newline)
(display (string-search text "12345"))
(newline)

;; Appending piece by piece copies everything each time.
(define (grow n)
  (let loop ((i 0) (s ""))
    (if (= i n) s (loop (+ i 1) (string-append s "abc")))))
(display (string-length (grow 10000)))
(newline)

(define greek (list->string (map integer->char (iota 24 945))))
(display (string-upcase greek))
(newline)
