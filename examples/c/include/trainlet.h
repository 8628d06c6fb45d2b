#ifndef TRAINLET_H
#define TRAINLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Numbers of a sample, in the order of the network's input. */
#define TRAINLET_INPUTS 96

/** Logits, one for each class, or values. */
#define TRAINLET_OUTPUTS 7

/** Numbers of a label: one, the number of a class, or as many as there are values. */
#define TRAINLET_TARGETS 1

/** Weights of the network. */
#define TRAINLET_WEIGHTS 1403

/** Bytes of a saved run, at most. */
#define TRAINLET_SAVED 16943

/** Memory of a trainer, in units of 8 bytes. */
#define TRAINLET_WORDS 3810







/**
 * What a call has come to.
 */
enum trainlet_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It is done.
   */
  TRAINLET_STATUS_OK = 0,
  /**
   * A pointer is null that must not be.
   */
  TRAINLET_STATUS_NULL_POINTER = 1,
  /**
   * `trainlet_init` has not been called for this trainer.
   */
  TRAINLET_STATUS_NOT_INITIALISED = 2,
  /**
   * The learning rate is not above 0 and finite.
   */
  TRAINLET_STATUS_LEARNING_RATE = 3,
  /**
   * The weight decay is below 0 or not finite.
   */
  TRAINLET_STATUS_WEIGHT_DECAY = 4,
  /**
   * The largest norm of a gradient is below 0 or not finite.
   */
  TRAINLET_STATUS_CLIP = 5,
  /**
   * The dropout is below 0, or 1 and above.
   */
  TRAINLET_STATUS_DROPOUT = 6,
  /**
   * There is no such class, or a value that is not finite; the sample has no part in the step.
   */
  TRAINLET_STATUS_TARGET = 7,
  /**
   * Samples wait for a step: make it before the run is saved.
   */
  TRAINLET_STATUS_SAMPLES_WAITING = 8,
  /**
   * The buffer is too small for the run.
   */
  TRAINLET_STATUS_NO_ROOM = 9,
  /**
   * The bytes are no saved run, or one of another network or of another version of this library.
   */
  TRAINLET_STATUS_FOREIGN = 10,
  /**
   * The saved run is damaged, or its end is missing.
   */
  TRAINLET_STATUS_DAMAGED = 11,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum trainlet_status trainlet_status;
#else
typedef int32_t trainlet_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The settings of a run. `trainlet_defaults` gives those of `host-sim train`.
 */
typedef struct {
  /**
   * Determines every random number.
   */
  uint64_t seed;
  /**
   * The full learning rate of Adam.
   */
  float learning_rate;
  /**
   * Steps in which the rate rises to that.
   */
  uint32_t warmup;
  /**
   * Steps of the whole run, at the end of which the rate has fallen to 0 along a cosine; 0: it stays as it is.
   */
  uint32_t steps;
  /**
   * Largest norm of a gradient; 0: any.
   */
  float clip;
  /**
   * Decoupled, as that of AdamW.
   */
  float weight_decay;
  /**
   * Probability of dropout.
   */
  float dropout;
} trainlet_settings;

/**
 * A trainer: weights, moments of the optimiser, gradient and activations, all the memory there is. Make it a `static`; a stack has no
 * room for it. It is used by one task at a time.
 */
typedef struct {
  uint64_t words[TRAINLET_WORDS];
} trainlet_trainer;

/**
 * What a step has done.
 */
typedef struct {
  /**
   * The learning rate.
   */
  float learning_rate;
  /**
   * Norm of the gradient before it was clipped.
   */
  float grad_norm;
  /**
   * Whether all weights were changed: not without a sample, and not by a gradient that is not finite.
   */
  bool applied;
} trainlet_report;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The settings of `host-sim train`: seed 0, rate 0.005, gradients clipped at 1; the rate stays until `warmup` and `steps` are set.
 */
trainlet_settings trainlet_defaults(void);

/**
 * Starts a run: draws the weights from the seed and forgets everything else.
 *
 * # Safety
 * The pointers are null or point at what their types say.
 */
trainlet_status trainlet_init(trainlet_trainer *trainer, const trainlet_settings *settings);

/**
 * Adds a sample to the gradient of the next step. `weight` is its part in the step's loss: 1 divided by the samples of the step.
 * `loss` may be null. A sample whose loss is not finite has no part in the step.
 *
 * # Safety
 * The pointers are null or point at a trainer, `TRAINLET_INPUTS` numbers, `TRAINLET_TARGETS` numbers, and a number.
 */
trainlet_status trainlet_accumulate(trainlet_trainer *trainer,
                                    const float *input,
                                    const float *target,
                                    float weight,
                                    float *loss);

/**
 * Changes the weights by the gradient of the samples since the last step. `report` may be null.
 *
 * # Safety
 * The pointers are null or point at what their types say.
 */
trainlet_status trainlet_step(trainlet_trainer *trainer, trainlet_report *report);

/**
 * The outputs for a sample: logits, one for each class, or values.
 *
 * # Safety
 * The pointers are null or point at a trainer, `TRAINLET_INPUTS` numbers and `TRAINLET_OUTPUTS` numbers.
 */
trainlet_status trainlet_predict(trainlet_trainer *trainer, const float *input, float *output);

/**
 * CRC-32 of the weights, as host-sim prints it.
 *
 * # Safety
 * The pointers are null or point at what their types say.
 */
trainlet_status trainlet_crc32(trainlet_trainer *trainer, uint32_t *crc);

/**
 * Writes the whole run down between two steps: weights, moments, settings and progress. `TRAINLET_SAVED` bytes are enough; `length` gets
 * their number.
 *
 * # Safety
 * The pointers are null or point at a trainer, `capacity` bytes, and a number.
 */
trainlet_status trainlet_save(trainlet_trainer *trainer,
                              uint8_t *buffer,
                              size_t capacity,
                              size_t *length);

/**
 * Goes on with a run that was saved. The trainer must have been initialised; if this fails, it is as it was.
 *
 * # Safety
 * The pointers are null or point at a trainer and `length` bytes.
 */
trainlet_status trainlet_load(trainlet_trainer *trainer, const uint8_t *buffer, size_t length);

/**
 * Which of `count` samples comes at this place of an epoch: a random order that takes no memory, that of `host-sim train`.
 */
uint32_t trainlet_shuffled(uint64_t seed,
                           uint32_t epoch,
                           uint32_t place,
                           uint32_t count);

/**
 * The status in words.
 */
const char *trainlet_message(int32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TRAINLET_H */
