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

int64_t fill_fragments(const struct fragview_fragments *fragments, uint8_t byte) {
    for (int64_t i = 0; i < fragments->count; i++)
        for (size_t at = 0; at < fragments->fragments[i].iov_len; at++)
            ((volatile uint8_t *)fragments->fragments[i].iov_base)[at] = byte;
    return fragments->count;
}

/* writev() takes the array as it is, as many at a time as the system does. */
int64_t write_fragments(const struct fragview_fragments *fragments, int descriptor) {
    int64_t written = 0;
    for (int64_t i = 0; i < fragments->count; i += 1024) {
        int64_t left = fragments->count - i;
        ssize_t done = writev(descriptor, fragments->fragments + i, (int)(left < 1024 ? left : 1024));
        if (done < 0)
            return -1;
        written += done;
    }
    return written;
}

/* Takes the struct, as fragview_take does of a capsule. */
void take_fragments(struct fragview_fragments *from, struct fragview_fragments *to) {
    *to = *from;
    from->release = NULL;
}
