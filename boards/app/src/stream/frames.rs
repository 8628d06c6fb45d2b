//! A sensor that gives a frame at a time: frames wait in a queue, the last ones make a window once every few, and each window is a
//! sample.
//!
//! [`Memory::split`] gives the two ends of the queue. The sensor's end, [`Sensor`], goes to the interrupt that reads the sensor, or stays
//! with the program, which then looks at the sensor between two frames. The other end is the [`Listener`]. While the network learns, frames
//! wait in the queue, whose length and the sensor's rhythm say how long that may take. A frame that finds the queue full is lost; the
//! listener sees that by the number of the next one, counts it, and makes no window across the gap.

use heapless::spsc::{Consumer, Producer, Queue};
use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::setting::OutOfRange;
use trainlet::data::{Scaler, SlidingWindow, StreamScaler};
use trainlet::nn::net::Model;

use super::Settings;
use super::follower::Follower;
use crate::board::{Board, STACK};
use crate::lesson::{Lesson, LessonTrainer, Target, blink};
use crate::report::{Count, line};

/// What the sensor measures at a time.
#[derive(Clone, Copy, Debug)]
pub struct Frame<const F: usize, L> {
    /// In physical units.
    pub values: [f32; F],
    /// Of the window that ends with this frame, if somebody says it.
    pub label: Option<L>,
    /// There was a pause before it, which no window reaches across.
    pub begins: bool,
}

/// A frame in the queue. Lost ones have numbers too.
struct Numbered<const F: usize, L> {
    number: u32,
    frame: Frame<F, L>,
}

/// All RAM of the program but the stack: a window has `LEN` frames of `F` features and begins `HOP` frames after the one before. `QUEUE`
/// frames less one can wait.
pub struct Memory<T: Lesson, const F: usize, const LEN: usize, const HOP: usize, const QUEUE: usize> {
    queue: Queue<Numbered<F, Target<T>>, QUEUE>,
    trainer: LessonTrainer<T>,
    window: SlidingWindow<[f32; F], LEN, HOP>,
    input: [[f32; F]; LEN],
}

impl<T: Lesson, const F: usize, const LEN: usize, const HOP: usize, const QUEUE: usize> Memory<T, F, LEN, HOP, QUEUE> {
    /// All zeros.
    #[expect(clippy::declare_interior_mutable_const, reason = "each use is to be a memory of its own")]
    pub const ZERO: Self = Self {
        queue: Queue::new(),
        trainer: LessonTrainer::<T>::ZERO,
        window: SlidingWindow::new([0.0; F]),
        input: [[0.0; F]; LEN],
    };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();

    /// The sensor's end of the queue, and the program's.
    pub fn split(&mut self) -> (Sensor<'_, F, Target<T>>, Listener<'_, T, F, LEN, HOP, QUEUE>) {
        let Self { queue, trainer, window, input } = self;
        let (producer, consumer) = queue.split();
        *window = SlidingWindow::new([0.0; F]);
        let arrivals = Arrivals { window, input, next: 0, waiting: 0 };
        (Sensor { producer, number: 0 }, Listener { consumer, trainer, arrivals })
    }
}

/// The sensor's end of the queue.
pub struct Sensor<'a, const F: usize, L> {
    producer: Producer<'a, Numbered<F, L>>,
    number: u32,
}

impl<const F: usize, L> Sensor<'_, F, L> {
    /// Puts a frame into the queue; it takes the same short time whatever the program does. `false` if there is no room for it: it is lost,
    /// and will be counted.
    pub fn push(&mut self, frame: Frame<F, L>) -> bool {
        let number = self.number;
        self.number = number.wrapping_add(1);
        self.producer.enqueue(Numbered { number, frame }).is_ok()
    }
}

/// The program's end of the queue, and all that predicts and learns.
pub struct Listener<'a, T: Lesson, const F: usize, const LEN: usize, const HOP: usize, const QUEUE: usize> {
    consumer: Consumer<'a, Numbered<F, Target<T>>>,
    trainer: &'a mut LessonTrainer<T>,
    arrivals: Arrivals<'a, F, LEN, HOP>,
}

/// Result of a stream that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// CRC-32 of the weights.
    pub weights_crc32: u32,
    /// Frames that came through the queue.
    pub frames: u32,
    /// Frames that found it full.
    pub lost: u32,
}

impl<T: Lesson, const F: usize, const LEN: usize, const HOP: usize, const QUEUE: usize>
    Listener<'_, T, F, LEN, HOP, QUEUE>
where
    T::Model: Model<Input = [[f32; F]; LEN]>,
{
    /// Predicts and learns for as long as the sensor gives something: see [`follow`](Self::follow).
    pub fn run<B: Board>(
        self,
        board: &mut B,
        settings: Settings,
        scaler: StreamScaler<F>,
        look: impl FnMut(&mut B) -> bool,
    ) -> ! {
        const { assert_fits(Memory::<T, F, LEN, HOP, QUEUE>::RAM + STACK, B::RAM) };
        if self.follow(board, settings, scaler, look).is_err() {
            line(board, format_args!("a setting is out of its range"));
        }
        blink(board)
    }

    /// Takes frame by frame from the queue. Between two frames it calls `look`, which may look at the sensor if no interrupt does, and give
    /// the queue what is there; `false` says that nothing more will come.
    ///
    /// Frames are standardised by the statistics of `scaler` at the time when their window is complete; they are saved with the run.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn follow<B: Board>(
        self,
        board: &mut B,
        settings: Settings,
        mut scaler: StreamScaler<F>,
        mut look: impl FnMut(&mut B) -> bool,
    ) -> Result<Outcome, OutOfRange> {
        let Self { mut consumer, trainer, mut arrivals } = self;
        let mut follower = Follower::<T, _>::start(board, trainer, settings, &mut scaler)?;
        let bytes = Count(Memory::<T, F, LEN, HOP, QUEUE>::RAM);
        line(board, format_args!("memory: {bytes} bytes"));
        loop {
            board.feed_watchdog();
            let goes_on = look(board);
            arrivals.waiting = consumer.len().max(arrivals.waiting);
            let Some(frame) = consumer.dequeue() else {
                if goes_on {
                    continue;
                }
                break;
            };
            let start = board.micros();
            scaler.push(&frame.frame.values);
            if arrivals.take(&frame) {
                let input = arrivals.standardised(&scaler.scaler());
                if follower.take(board, start, (input, frame.frame.label), &mut scaler) {
                    arrivals.report(board);
                }
            }
        }
        arrivals.report(board);
        let (frames, lost) = (arrivals.window.count(), arrivals.window.lost());
        Ok(Outcome { weights_crc32: follower.finish(board), frames, lost })
    }
}

/// From frames to windows.
struct Arrivals<'a, const F: usize, const LEN: usize, const HOP: usize> {
    window: &'a mut SlidingWindow<[f32; F], LEN, HOP>,
    input: &'a mut [[f32; F]; LEN],
    /// Number of the next frame, if none is lost.
    next: u32,
    /// The most frames that waited in the queue.
    waiting: usize,
}

impl<const F: usize, const LEN: usize, const HOP: usize> Arrivals<'_, F, LEN, HOP> {
    /// `true` if a window is complete with this frame.
    fn take<L>(&mut self, Numbered { number, frame }: &Numbered<F, L>) -> bool {
        let missing = number.wrapping_sub(self.next);
        self.next = number.wrapping_add(1);
        if missing > 0 || frame.begins {
            self.window.lose(missing);
        }
        self.window.push(frame.values)
    }

    /// The window as an input.
    fn standardised(&mut self, scaler: &Scaler<F>) -> &[[f32; F]; LEN] {
        for (to, frame) in self.input.iter_mut().zip(self.window.frames()) {
            *to = *frame;
            scaler.apply(to);
        }
        self.input
    }

    fn report<B: Board>(&self, board: &mut B) {
        let counts = [self.window.count() as usize, self.window.lost() as usize, self.waiting];
        let [frames, lost, waiting] = counts.map(Count);
        line(board, format_args!("frames: {frames}, {lost} lost, at most {waiting} waiting"));
    }
}
