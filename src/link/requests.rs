//! What a host asks for, written once: for the client on a line that waits, and for the one whose tasks do.

/// Implements the client `$client` over the lines of the module `$io`.
macro_rules! requests {
    ($client:ident over $io:ident $(with $async:ident and $wait:ident)?) => {
        impl<L: $io::Read + $io::Write> $client<L> {
            /// On this line. `clock` says how long ago some moment was, always the same one. `session` should be another number each
            /// time, such as the time.
            pub fn new(line: L, clock: fn(&L) -> Duration, session: u32) -> Self {
                Self { line, clock, exchange: Exchange::new(session, LIMIT), chunk: Chunk::LONGEST }
            }

            /// With another longest time for a request than [`LIMIT`]. It should be several times as long as a read of the line waits.
            pub fn with_limit(mut self, limit: Duration) -> Self {
                self.exchange.set_limit(limit);
                self
            }

            /// Greets the board: it must speak the same version and have the network with this
            /// [`fingerprint`](super::message::fingerprint); compare it with that in the answer, since a board with another
            /// network answers as well, and then refuses everything else.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn hello(&mut self, network: u32) -> Result<Identity<'_>, Error<L::Error>> {
                let answer = self.call(&Request::Hello { version: VERSION, network }, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Hello(identity) => Ok(identity),
                    _ => Err(Error::Unexpected),
                }
            }

            /// Progress of the current run.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn status(&mut self) -> Result<Status, Error<L::Error>> {
                let answer = self.call(&Request::Status, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Status(status) => Ok(status),
                    _ => Err(Error::Unexpected),
                }
            }

            /// RAM of the board's trainer.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn budget(&mut self) -> Result<Budget, Error<L::Error>> {
                let answer = self.call(&Request::Budget, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Budget(budget) => Ok(budget),
                    _ => Err(Error::Unexpected),
                }
            }

            /// Starts a run with the number `run` (not 0); the previous run's weights and scaler are forgotten.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn start(&mut self, run: u32, settings: Settings) -> Result<(), Error<L::Error>> {
                self.call(&Request::Start { run, settings }, MAX_ATTEMPTS)$(.$wait)?.and_then(done)
            }

            /// Writes all of the sample, of a half of the scaler, or of new weights.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn write(&mut self, what: Writable, values: &[f32]) -> Result<(), Error<L::Error>> {
                self.write_from(what, 0, values)$(.$wait)?
            }

            /// Writes some values from number `offset` on.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn write_from(
                &mut self,
                what: Writable,
                offset: usize,
                values: &[f32],
            ) -> Result<(), Error<L::Error>> {
                let mut room = [[0; WORD]; WRITE];
                let mut rest = values;
                while !rest.is_empty() {
                    let count = rest.len().min(self.chunk.most());
                    for (bytes, value) in room.iter_mut().zip(rest) {
                        *bytes = value.to_le_bytes();
                    }
                    let offset = (offset + values.len() - rest.len()) as u32;
                    let bytes = room.get(..count).unwrap_or_default().as_flattened();
                    let attempts = Chunk::attempts(count);
                    let result = self.call(&Request::Write { what, offset, bytes }, attempts)$(.$wait)?.and_then(done);
                    if self.chunk.adapt(count, result)? {
                        rest = rest.get(count..).unwrap_or_default();
                    }
                }
                Ok(())
            }

            /// Reads weights or a half of the scaler, from the first value on.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn read(&mut self, what: Readable, values: &mut [f32]) -> Result<(), Error<L::Error>> {
                self.read_parts(values, |offset, count| Request::Read { what, offset, count })$(.$wait)?
            }

            /// Fills values with the answers to requests for those from an offset on, as many as a count says.
            $($async)? fn read_parts(
                &mut self,
                values: &mut [f32],
                request: impl Fn(u32, u16) -> Request<'static>,
            ) -> Result<(), Error<L::Error>> {
                let mut next = 0;
                while let Some(rest) = values.get_mut(next..).filter(|rest| !rest.is_empty()) {
                    let count = rest.len().min(self.chunk.most()).min(READ);
                    let attempts = Chunk::attempts(count);
                    let request = request(next as u32, count as u16);
                    let result = self.call(&request, attempts)$(.$wait)?.and_then(|answer| fill(rest, answer, count));
                    if self.chunk.adapt(count, result)? {
                        next += count;
                    }
                }
                Ok(())
            }

            /// Replaces the weights by those that were written, which must have this CRC-32.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn commit(&mut self, crc32: u32) -> Result<(), Error<L::Error>> {
                self.call(&Request::Commit { crc32 }, MAX_ATTEMPTS)$(.$wait)?.and_then(done)
            }

            /// Takes the sample that was written into the next step, and gives its loss.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn accumulate(&mut self, label: &[f32], weight: f32) -> Result<f32, Error<L::Error>> {
                let mut bytes = [0; WRITE * WORD];
                let label = label_bytes(label, &mut bytes)?;
                let answer = self.call(&Request::Accumulate { label, weight }, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Loss(loss) => Ok(loss),
                    _ => Err(Error::Unexpected),
                }
            }

            /// Changes the weights.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn step(&mut self) -> Result<StepReport, Error<L::Error>> {
                let answer = self.call(&Request::Step, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Step(report) => Ok(report),
                    _ => Err(Error::Unexpected),
                }
            }

            /// The loss of the sample that was written.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn evaluate(&mut self, label: &[f32]) -> Result<f32, Error<L::Error>> {
                let mut bytes = [0; WRITE * WORD];
                let label = label_bytes(label, &mut bytes)?;
                let answer = self.call(&Request::Evaluate { label }, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Loss(loss) => Ok(loss),
                    _ => Err(Error::Unexpected),
                }
            }

            /// The outputs for the sample that was written.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn predict(&mut self, outputs: &mut [f32]) -> Result<(), Error<L::Error>> {
                self.read_parts(outputs, |offset, count| Request::Predict { offset: offset as u16, count })$(.$wait)?
            }

            /// CRC-32 of the weights.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn checksum(&mut self) -> Result<u32, Error<L::Error>> {
                let answer = self.call(&Request::Checksum, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Checksum(crc32) => Ok(crc32),
                    _ => Err(Error::Unexpected),
                }
            }

            /// Keeps the run as it is in the board's flash, from which it goes on when the board is switched on again.
            ///
            /// # Errors
            /// [`Error`]
            pub $($async)? fn save(&mut self) -> Result<Saved, Error<L::Error>> {
                let answer = self.call(&Request::Save, MAX_ATTEMPTS)$(.$wait)?;
                match answer? {
                    Answer::Saved(saved) => Ok(saved),
                    _ => Err(Error::Unexpected),
                }
            }

            /// How many times a request had to be sent again.
            pub fn repeats(&self) -> u64 {
                self.exchange.repeats()
            }

            /// Sends a request until it is answered, at most `attempts` times and no longer than the limit.
            $($async)? fn call(&mut self, request: &Request<'_>, attempts: u32) -> Result<Answer<'_>, Error<L::Error>> {
                let Self { line, clock, exchange, .. } = self;
                let mut next = exchange.begin(request, attempts, clock(line))?;
                loop {
                    next = match next {
                        Next::Send => {
                            let sent = $io::write_all(line, exchange.bytes())$(.$wait)?;
                            sent.map(|()| Next::Receive).map_err(Error::Line)?
                        }
                        Next::Receive => match $io::read_byte(line)$(.$wait)? {
                            Ok(byte) => exchange.on_byte(byte, clock(line))?,
                            Err(error) if error.is_timeout() => exchange.on_timeout(clock(line))?,
                            Err(error) => return Err(Error::Line(error)),
                        },
                        Next::Done => return exchange.answer(),
                    };
                }
            }
        }
    };
}

pub(super) use requests;
