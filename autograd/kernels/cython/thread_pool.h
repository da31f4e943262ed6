/* Threads that help the one that calls them, and sleep between calls.
 *
 * A helper's state changes hands by atomic exchanges. The caller posts a task (IDLE or ASLEEP to
 * POSTED), the helper begins it (POSTED to BUSY) and ends it (to IDLE). What a helper has not begun
 * when the caller's own part is done is taken back (POSTED to IDLE), so nobody waits for a thread
 * that gets no processor. An idle helper, and a caller that waits for a busy one, spins before it
 * sleeps: waking a thread takes about as long as the least work that is worth a helper.
 *
 * Helpers never touch Python's objects. Threads and locks are Python's own, for all its platforms;
 * where a compiler's atomic operations are not known there are no helpers. */

#include <pythread.h>
#include <string.h>

#if defined(__GNUC__) /* Clang, too */
typedef long PoolWord;
static inline PoolWord pool_load(PoolWord *x) { return __atomic_load_n(x, __ATOMIC_SEQ_CST); }
static inline PoolWord pool_add(PoolWord *x, PoolWord by) {
    return __atomic_fetch_add(x, by, __ATOMIC_SEQ_CST);
}
static inline PoolWord pool_exchange(PoolWord *x, PoolWord to) {
    return __atomic_exchange_n(x, to, __ATOMIC_SEQ_CST);
}
static inline int pool_change(PoolWord *x, PoolWord from, PoolWord to) {
    return __atomic_compare_exchange_n(x, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#define POOL_HELPERS 31
#elif defined(_MSC_VER)
#include <intrin.h>
typedef long PoolWord;
static PoolWord pool_load(PoolWord *x) { return _InterlockedExchangeAdd(x, 0); }
static PoolWord pool_add(PoolWord *x, PoolWord by) { return _InterlockedExchangeAdd(x, by); }
static PoolWord pool_exchange(PoolWord *x, PoolWord to) { return _InterlockedExchange(x, to); }
static int pool_change(PoolWord *x, PoolWord from, PoolWord to) {
    return _InterlockedCompareExchange(x, to, from) == from;
}
#define POOL_HELPERS 31
#else
typedef long PoolWord;
static PoolWord pool_load(PoolWord *x) { return *x; }
static PoolWord pool_add(PoolWord *x, PoolWord by) { *x += by; return *x - by; }
static PoolWord pool_exchange(PoolWord *x, PoolWord to) { PoolWord y = *x; *x = to; return y; }
static int pool_change(PoolWord *x, PoolWord from, PoolWord to) {
    int is = *x == from;
    if (is) *x = to;
    return is;
}
#define POOL_HELPERS 0
#endif

/* Let the other thread of a core work, for some 10 to 50 ns. */
static inline void pool_pause(void) {
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("isb");
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
    _mm_pause();
#endif
}

enum { POOL_SPINS = 1000 }; /* pauses before a thread sleeps: about 50 us */
enum { POOL_FRUITLESS = 63 }; /* calls at most, before helpers are tried again */
enum { POOL_IDLE, POOL_ASLEEP, POOL_POSTED, POOL_BUSY, POOL_AWAITED };

/* A part of a task; parts are numbered, the caller's is 0. */
typedef void (*PoolTask)(void *job, Py_ssize_t part);

typedef struct {
    PoolWord state;
    Py_ssize_t part;
    PyThread_type_lock wake; /* held, but for a moment when a sleeper is woken */
    char apart[64];          /* no two states in one cache line */
} PoolHelper;

static struct {
    PyThread_type_lock taken; /* held by the caller that has the helpers */
    PyThread_type_lock done;  /* held, but for a moment when a helper ends that is awaited */
    PoolTask task;
    void *job;
    Py_ssize_t size; /* how many helpers there are */
    Py_ssize_t fruitless, skipped; /* calls: those to skip after one without help, and are left */
    PoolHelper helpers[POOL_HELPERS + 1];
} pool;

/* Spin until a state is another one; return whether it is. */
static int pool_spin(PoolWord *state, PoolWord from) {
    for (int i = 0; i < POOL_SPINS; i++) {
        if (pool_load(state) != from) return 1;
        pool_pause();
    }
    return pool_load(state) != from;
}

static void pool_help(void *given) {
    PoolHelper *self = (PoolHelper *)given;
    for (;;) {
        if (!pool_spin(&self->state, POOL_IDLE) && pool_change(&self->state, POOL_IDLE, POOL_ASLEEP))
            PyThread_acquire_lock(self->wake, WAIT_LOCK);
        if (pool_change(&self->state, POOL_POSTED, POOL_BUSY)) {
            pool.task(pool.job, self->part);
            if (pool_exchange(&self->state, POOL_IDLE) == POOL_AWAITED)
                PyThread_release_lock(pool.done);
        }
    }
}

/* Forget all helpers: at first, and in a process that was forked, which has none. */
static int pool_reset(void) {
    memset(&pool, 0, sizeof pool);
    pool.taken = PyThread_allocate_lock();
    pool.done = PyThread_allocate_lock();
    if (!pool.taken || !pool.done) return -1;
    PyThread_acquire_lock(pool.done, WAIT_LOCK);
    return 0;
}

/* Take up to so many helpers, and start those that there are not yet; return how many there are
 * to work with: none if another thread has them, or for some calls after one in which they were of
 * no use, as where all processors are busy. The caller has the GIL. */
static Py_ssize_t pool_take(Py_ssize_t count) {
    if (count > POOL_HELPERS) count = POOL_HELPERS;
    if (count <= 0 || (pool.skipped && pool.skipped--)) return 0;
    if (!PyThread_acquire_lock(pool.taken, NOWAIT_LOCK)) return 0;
    while (pool.size < count) {
        PoolHelper *next = &pool.helpers[pool.size];
        if (!next->wake) next->wake = PyThread_allocate_lock();
        if (!next->wake) break;
        PyThread_acquire_lock(next->wake, NOWAIT_LOCK);
        next->part = pool.size + 1;
        if (PyThread_start_new_thread(pool_help, next) == PYTHREAD_INVALID_THREAD_ID) break;
        pool.size++;
    }
    if (pool.size < count) count = pool.size;
    if (!count) PyThread_release_lock(pool.taken);
    return count;
}

/* Leave helpers that were taken to other callers, and say whether they were of use. */
static void pool_give_back(int helped) {
    pool.fruitless = helped ? 0 : 2 * pool.fruitless + 1;
    if (pool.fruitless > POOL_FRUITLESS) pool.fruitless = POOL_FRUITLESS;
    pool.skipped = pool.fruitless;
    PyThread_release_lock(pool.taken);
}

/* Run a task in the caller's thread and in helpers that it has taken; return when all have ended. */
static void pool_run(PoolTask task, void *job, Py_ssize_t helpers) {
    if (helpers) { /* else they may be another's */
        pool.task = task;
        pool.job = job;
    }
    for (Py_ssize_t i = 0; i < helpers; i++)
        if (pool_exchange(&pool.helpers[i].state, POOL_POSTED) == POOL_ASLEEP)
            PyThread_release_lock(pool.helpers[i].wake);
    task(job, 0);
    for (Py_ssize_t i = 0; i < helpers; i++) {
        PoolWord *state = &pool.helpers[i].state;
        if (pool_change(state, POOL_POSTED, POOL_IDLE)) continue;
        if (!pool_spin(state, POOL_BUSY) && pool_change(state, POOL_BUSY, POOL_AWAITED))
            PyThread_acquire_lock(pool.done, WAIT_LOCK);
    }
}
