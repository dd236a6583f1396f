;;; nbody.scm -- Sun and giant planets under gravity: every flonum is a block.
;;; Answer: the energies -0.169075164 at the start and -0.169087605 after 1000
;;; steps are those of the Computer Language Benchmarks Game; that after 10000
;;; steps is by an independent program.

(define pi 3.141592653589793)
(define solar-mass (* 4 pi pi))
(define days 365.24)

;; A body is #(x y z vx vy vz mass).
(define (body x y z vx vy vz mass)
  (vector x y z (* vx days) (* vy days) (* vz days) (* mass solar-mass)))

(define bodies
  (list
   (body 0. 0. 0. 0. 0. 0. 1.)
   (body 4.84143144246472090 -1.16032004402742839 -.103622044471123109
         .00166007664274403694 .00769901118419740425 -.0000690460016972063023
         .000954791938424326609)
   (body 8.34336671824457987 4.12479856412430479 -.403523417114321381
         -.00276742510726411024 .00499852801234917238 .0000230417297573763929
         .000285885980666130812)
   (body 12.8943695621391310 -15.1111514016986312 -.223307578892655734
         .00296460137564761618 .00237847173959480950 -.0000296589568540237556
         .0000436624404335156298)
   (body 15.3796971148509165 -25.9193146099879641 .179258772950371181
         .00268067772490389322 .00162824170038242295 -.0000951592254519715870
         .0000515138902046611451)))

(define (get body i) (vector-ref body i))
(define (add! body i change)
  (vector-set! body i (+ (vector-ref body i) change)))

;; Each body with all that follow it in the list.
(define (for-each-pair f bodies)
  (if (pair? bodies)
      (begin
        (for-each (lambda (other) (f (car bodies) other)) (cdr bodies))
        (for-each-pair f (cdr bodies)))))

(define (dot a b from)
  (+ (* (get a from) (get b from))
     (* (get a (+ from 1)) (get b (+ from 1)))
     (* (get a (+ from 2)) (get b (+ from 2)))))

(define (difference a b)
  (vector (- (get a 0) (get b 0)) (- (get a 1) (get b 1))
          (- (get a 2) (get b 2))))

(define (energy)
  (let ((total 0.))
    (for-each (lambda (b)
                (set! total (+ total (* .5 (get b 6) (dot b b 3)))))
              bodies)
    (for-each-pair
     (lambda (a b)
       (let ((d (difference a b)))
         (set! total (- total (/ (* (get a 6) (get b 6)) (sqrt (dot d d 0)))))))
     bodies)
    total))

(define (advance dt)
  (for-each-pair
   (lambda (a b)
     (let* ((d (difference a b))
            (square (dot d d 0))
            (pull (/ dt (* square (sqrt square)))))
       (do ((i 0 (+ i 1))) ((= i 3))
         (add! a (+ i 3) (- (* (get d i) (get b 6) pull)))
         (add! b (+ i 3) (* (get d i) (get a 6) pull)))))
   bodies)
  (for-each (lambda (b)
              (do ((i 0 (+ i 1))) ((= i 3))
                (add! b i (* dt (get b (+ i 3))))))
            bodies))

;; The Sun moves so that the whole stands still.
(define (balance!)
  (do ((i 3 (+ i 1))) ((= i 6))
    (for-each (lambda (b)
                (add! (car bodies) i
                      (- (/ (* (get b i) (get b 6)) solar-mass))))
              (cdr bodies))))

(define (show x)
  (display (/ (round (* x 1e9)) 1e9))
  (newline))

(balance!)
(show (energy))
(do ((i 0 (+ i 1))) ((= i 1000)) (advance .01))
(show (energy))
(do ((i 0 (+ i 1))) ((= i 9000)) (advance .01))
(show (energy))
