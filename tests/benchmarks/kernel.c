/* The event loop of an autologous route in plain C, to time the compiled engine against: one plant,
 * one place a step, first come first served, retries, attrition with two hazards. Same facts, same
 * tie rule, and a binary heap as its calendar. Test-only; compiled where there is a compiler. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef int64_t i64;
enum { WAITING = 1, RUNNING = 2, AHEAD = 3 };
enum { IN_PROCESS = 0, INFUSED = 1, LOST_MANUFACTURING = 4, LOST_WAITING = 3 };

typedef struct {
    i64 attempt, step, status, leaves, queue_next, since, tries, collected, held;
} Row;

typedef struct {
    i64 *heap;
    i64 size, horizon;
} Calendar;

static void push(Calendar *c, i64 minute, i64 id, i64 kind) {
    if (minute >= c->horizon) return;
    i64 event = (((minute << 24) | id) << 3) | kind, hole = c->size++;
    while (hole > 0) {
        i64 parent = (hole - 1) >> 1;
        if (c->heap[parent] <= event) break;
        c->heap[hole] = c->heap[parent];
        hole = parent;
    }
    c->heap[hole] = event;
}

static i64 pop(Calendar *c) {
    i64 first = c->heap[0], count = --c->size, last = c->heap[count], hole = 0, child = 1;
    while (child < count) {
        if (child + 1 < count && c->heap[child + 1] < c->heap[child]) child++;
        if (c->heap[child] >= last) break;
        c->heap[hole] = c->heap[child];
        hole = child;
        child = 2 * hole + 1;
    }
    c->heap[hole] = last;
    return first;
}

/* Returns 0; -1 without memory. Arrays as in Journeys and Timelines; `codes` are the numbers of the
 * states IN_PROCESS, INFUSED, LOST_WAITING, LOST_MANUFACTURING and of the results NOT_DONE,
 * DISCARDED. */
int run(i64 replications, i64 steps, i64 resources, i64 horizon, const i64 *first,
        const i64 *order_of, const i64 *patience, const double *clock, const i64 *attempt_first,
        const i64 *duration, const int8_t *outcome, double before, double after,
        const i64 *resource_of, const i64 *retry_from, const i64 *attempts_of,
        const i64 *capacity, i64 collection, const int8_t *codes, i64 *ready, i64 *start, i64 *end,
        int8_t *result, int8_t *state, i64 *left, i64 *at_step, i64 *at_attempt) {
    i64 most = 0;
    for (i64 r = 0; r < replications; r++)
        if (first[r + 1] - first[r] > most) most = first[r + 1] - first[r];
    Row *rows = malloc((size_t)most * sizeof *rows);
    i64 *heap = malloc((size_t)(4 * most + 64) * sizeof *heap), *todo = malloc((size_t)(2 * most + 64) * sizeof *todo);
    i64 *head = malloc((size_t)resources * sizeof *head), *tail = malloc((size_t)resources * sizeof *tail);
    i64 *busy = malloc((size_t)resources * sizeof *busy);
    if (!rows || !heap || !todo || !head || !tail || !busy) return -1;
    const i64 never = INT64_MAX / 4;
    for (i64 at = 0; at < replications; at++) {
        i64 base = first[at], patients = first[at + 1] - base, order = 0, now = 0, todos = 0;
        Calendar calendar = {heap, 0, horizon};
        for (i64 a = attempt_first[base] * steps; a < attempt_first[first[at + 1]] * steps; a++) {
            ready[a] = start[a] = end[a] = -1;
            result[a] = codes[4];
        }
        for (i64 r = 0; r < resources; r++) head[r] = tail[r] = -1, busy[r] = 0;
        for (i64 n = base; n < base + patients; n++) state[n] = codes[0], left[n] = -1;
        while (now < horizon) {
            int changed = 0;
            for (;;) {
                i64 i, mode; /* 0 ready, 1 started, 2 ended */
                if (todos > 0) {
                    i = todo[--todos] >> 2, mode = todo[todos] & 3;
                } else if (calendar.size > 0 && (heap[0] >> 27) == now) {
                    i64 event = pop(&calendar);
                    i = (event >> 3) & 0xFFFFFF, mode = (event & 7) == 0 ? 2 : 0;
                } else if (order < patients && order_of[base + order] <= now) {
                    i = order++;
                    rows[i] = (Row){attempt_first[base + i], 0, 0, order_of[base + i] + patience[base + i], -1, 0, 0, 0, 0};
                    mode = 0;
                } else if (changed) {
                    changed = 0;
                    for (i64 r = 0; r < resources; r++)
                        while (busy[r] < capacity[r] && head[r] >= 0) {
                            i64 who = head[r];
                            head[r] = rows[who].queue_next;
                            if (head[r] < 0) tail[r] = -1;
                            if (rows[who].leaves <= now && state[base + who] == codes[0]) {
                                state[base + who] = codes[2], left[base + who] = rows[who].leaves;
                                continue;
                            }
                            busy[r]++, rows[who].held = 1;
                            todo[todos++] = (who << 2) | 1;
                        }
                    continue;
                } else {
                    break;
                }
                Row *me = &rows[i];
                i64 number = base + i, minute = now;
                for (;;) {
                    i64 s = me->step, cell = me->attempt * steps + s;
                    if (mode == 2) {
                        int what = outcome[cell];
                        if (state[number] == codes[0] && me->leaves <= minute)
                            state[number] = codes[2], left[number] = me->leaves;
                        int gone = state[number] == codes[2];
                        end[cell] = minute;
                        result[cell] = gone && left[number] < minute ? codes[5] : (int8_t)what;
                        if (me->held) busy[resource_of[s]]--, me->held = 0, changed = 1;
                        int well = (what & 1) == 0;
                        if (gone) break;
                        if (well && s + 1 < steps) {
                            me->step = s + 1, mode = 0;
                            continue;
                        }
                        if (well || s + 1 == steps) break;
                        if (retry_from[s] < 0 || me->tries + 1 >= attempts_of[s]) {
                            state[number] = codes[3], left[number] = minute;
                            break;
                        }
                        me->tries++, me->attempt++, me->step = retry_from[s], mode = 0;
                        continue;
                    }
                    if (mode == 0) {
                        i64 r = resource_of[s];
                        if (r >= 0 && minute > now) {
                            push(&calendar, minute, i, 1);
                            ready[cell] = minute;
                            if (state[number] == codes[0] && me->leaves <= minute)
                                state[number] = codes[2], left[number] = me->leaves;
                            break;
                        }
                        ready[cell] = minute;
                        if (state[number] == codes[0] && me->leaves <= minute) {
                            state[number] = codes[2], left[number] = me->leaves;
                            break;
                        }
                        if (state[number] == codes[2]) break;
                        if (r >= 0) {
                            /* those who came this minute stand by their number */
                            i64 previous = -1, next = head[r];
                            if (tail[r] >= 0 && (rows[tail[r]].since < now || tail[r] < i)) {
                                previous = tail[r], next = -1;
                            } else {
                                while (next >= 0 && (rows[next].since < now || next < i)) previous = next, next = rows[next].queue_next;
                            }
                            me->queue_next = next, me->since = now;
                            if (previous < 0) head[r] = i; else rows[previous].queue_next = i;
                            if (next < 0) tail[r] = i;
                            changed = 1;
                            break;
                        }
                    }
                    start[cell] = minute;
                    if (s == collection && !me->collected) {
                        me->collected = 1;
                        double rest = clock[number] - before * (double)(minute - order_of[number]);
                        double more = after > 0 ? (rest > 0 ? rest : 0) / after : (double)never;
                        me->leaves = more >= (double)never ? never : minute + (i64)floor(more);
                        if (state[number] == codes[0] && me->leaves <= minute) state[number] = codes[2], left[number] = minute;
                    }
                    if (s + 1 == steps && state[number] == codes[0]) state[number] = codes[1], left[number] = minute, me->leaves = never;
                    i64 done = minute + duration[cell];
                    if (me->held) {
                        push(&calendar, done, i, 0);
                        break;
                    }
                    if (done >= horizon) break;
                    minute = done, mode = 2;
                }
            }
            now = calendar.size > 0 ? heap[0] >> 27 : horizon;
            if (order < patients && order_of[base + order] < now) now = order_of[base + order];
        }
        for (i64 i = 0; i < order; i++) {
            if (state[base + i] == codes[0] && rows[i].leaves < horizon) state[base + i] = codes[2], left[base + i] = rows[i].leaves;
            at_step[base + i] = rows[i].step, at_attempt[base + i] = rows[i].attempt - attempt_first[base + i];
        }
    }
    free(rows), free(heap), free(todo), free(head), free(tail), free(busy);
    return 0;
}
