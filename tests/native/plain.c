/* A library that knows nothing of Python: what ctypes and cffi call with a struct of fragments, or a table of segments. */
#include "fragview.h"

uint64_t sum_fragments(const struct fragview_fragments *fragments) {
    uint64_t total = 0;
    for (int64_t i = 0; i < fragments->count; i++) {
        const uint8_t *bytes = (const uint8_t *)fragments->fragments[i].iov_base;
        for (size_t at = 0; bytes != NULL && at < fragments->fragments[i].iov_len; at++)
            total += bytes[at];
    }
    return total;
}

uint64_t sum_segments(const int64_t (*segments)[2], int64_t count) {
    uint64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *bytes = (const uint8_t *)(intptr_t)segments[i][0];
        for (int64_t at = 0; bytes != NULL && at < segments[i][1]; at++)
            total += bytes[at];
    }
    return total;
}
