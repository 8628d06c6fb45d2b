/* Trains watch-12x1 on the recordings of people 1 to 8 of a smartwatch, as `host-sim train` does, and tests it on people 9 and 10. */

#include "print.h"
#include "recordings.h"
#include "trainlet.h"
#include "watch_12x1.h"

enum { TOKENS = 16, AXES = 6, HOP = 8, BATCH = 32, FIRST_TESTED = 9 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const float units[AXES] = {0.025461f, 0.025461f, 0.025461f, 0.064952f, 0.064952f, 0.064952f};

/* All the memory of the training, and that of a saved run. */
static trainlet_trainer trainer;
static uint8_t saved[TRAINLET_SAVED];

static bool check(trainlet_status status) {
    if (status != TRAINLET_STATUS_OK) {
        print_text(trainlet_message(status));
        print_text("\n");
    }
    return status == TRAINLET_STATUS_OK;
}

static uint32_t windows(const recording *recording) {
    return recording->frames < TOKENS ? 0 : (recording->frames - TOKENS) / HOP + 1;
}

static bool is_tested(const recording *recording) {
    return recording->subject >= FIRST_TESTED;
}

static uint32_t count(bool tested) {
    uint32_t sum = 0;
    for (size_t i = 0; i < LENGTH(recordings); i++) {
        sum += is_tested(&recordings[i]) == tested ? windows(&recordings[i]) : 0;
    }
    return sum;
}

/* Writes the inputs of a window, and gives its class. Compiled with -ffp-contract=off: a fused operation would round otherwise than
   the desktop does. */
static uint32_t window(bool tested, uint32_t index, float input[TOKENS][AXES]) {
    const recording *recording = recordings;
    while (is_tested(recording) != tested || index >= windows(recording)) {
        index -= is_tested(recording) == tested ? windows(recording) : 0;
        recording++;
    }
    for (uint32_t frame = 0; frame < TOKENS; frame++) {
        for (uint32_t axis = 0; axis < AXES; axis++) {
            float value = (float)frames[recording->first_frame + index * HOP + frame][axis] * units[axis];
            input[frame][axis] = (value - watch_12x1_mean[axis]) / watch_12x1_std[axis];
        }
    }
    return recording->class_number;
}

static bool step(uint64_t seed, uint32_t epoch, uint32_t first, uint32_t samples) {
    uint32_t end = first + BATCH < samples ? first + BATCH : samples;
    for (uint32_t place = first; place < end; place++) {
        float input[TOKENS][AXES];
        float target = (float)window(false, trainlet_shuffled(seed, epoch, place, samples), input);
        if (!check(trainlet_accumulate(&trainer, &input[0][0], &target, 1.0f / (float)(end - first), NULL))) {
            return false;
        }
    }
    return check(trainlet_step(&trainer, NULL));
}

/* As if power had failed: the run goes on from what was saved. */
static bool restart(const trainlet_settings *settings) {
    size_t length;
    return check(trainlet_save(&trainer, saved, sizeof saved, &length)) && check(trainlet_init(&trainer, settings)) &&
           check(trainlet_load(&trainer, saved, length));
}

static uint32_t right(uint32_t samples) {
    uint32_t right = 0;
    for (uint32_t index = 0; index < samples; index++) {
        float input[TOKENS][AXES], logits[TRAINLET_OUTPUTS];
        uint32_t class_number = window(true, index, input), best = 0;
        if (!check(trainlet_predict(&trainer, &input[0][0], logits))) {
            return 0;
        }
        for (uint32_t i = 1; i < TRAINLET_OUTPUTS; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        right += best == class_number;
    }
    return right;
}

static bool train(uint32_t samples) {
    uint32_t steps = (samples + BATCH - 1) / BATCH * EPOCHS;
    trainlet_settings settings = trainlet_defaults();
    settings.warmup = (steps + 10) / 20;
    settings.steps = steps;
    if (!check(trainlet_init(&trainer, &settings))) {
        return false;
    }
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        for (uint32_t first = 0; first < samples; first += BATCH) {
            if (!step(settings.seed, epoch, first, samples)) {
                return false;
            }
        }
        if (!restart(&settings)) {
            return false;
        }
    }
    return true;
}

int main(void) {
    uint32_t crc, tested = count(true);
    if (!train(count(false)) || !check(trainlet_crc32(&trainer, &crc))) {
        return 1;
    }
    print_number(right(tested));
    print_text(" of ");
    print_number(tested);
    print_text(" windows of people 9 and 10 are right\nweights: CRC-32 ");
    print_hex(crc);
    print_text("\n");
    return 0;
}
