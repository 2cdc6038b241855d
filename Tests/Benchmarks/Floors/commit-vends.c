// What a commit of vends costs PostgreSQL at least: one connection that commits the rows of so many vends at a time,
// with the lock that writers take, in two pipelined round trips.
// usage: commit-vends CONNINFO VENDS_A_COMMIT KEYS SECONDS; prints commits and vends a second, p50 and p99 of a commit in ms.
// Linked with CPQ.c, which opens libpq: building takes no headers of PostgreSQL.
#include <CPQ.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const cpq_functions *pq;
static PGconn *connection;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *message) {
    fprintf(stderr, "error: %s\n", message);
    exit(1);
}

static void wait_for(short events) {
    struct pollfd socket = {.fd = pq->PQsocket(connection), .events = events};
    poll(&socket, 1, -1);
}

static void connect_to(const char *place) {
    connection = pq->PQconnectStart(place);
    for (int next = CPQ_POLLING_WRITING; next != CPQ_POLLING_OK; next = pq->PQconnectPoll(connection)) {
        if (next == CPQ_POLLING_FAILED) fail(pq->PQerrorMessage(connection));
        wait_for(next == CPQ_POLLING_READING ? POLLIN : POLLOUT);
    }
    pq->PQsetnonblocking(connection, 1);
    pq->PQenterPipelineMode(connection);
}

// The text of an array, grown as its elements come.
typedef struct {
    char *text;
    size_t length, capacity;
} array;

static void begin(array *array) { array->length = 0; }

__attribute__((format(printf, 2, 3))) static void add(array *array, const char *format, ...) {
    if (array->capacity < array->length + 256) {
        array->capacity = array->capacity * 2 + 512;
        array->text = realloc(array->text, array->capacity);
        if (!array->text) fail("out of memory");
    }
    array->text[array->length] = array->length ? ',' : '{';
    va_list arguments;
    va_start(arguments, format);
    array->length += 1 + (size_t)vsnprintf(array->text + array->length + 1, 200, format, arguments);
    va_end(arguments);
    // Closed here, and opened again by the next element.
    strcpy(array->text + array->length, "}");
}

static void queue(const char *sql, int count, const array *arrays) {
    const char *values[16];
    for (int i = 0; i < count; i++) values[i] = arrays[i].text;
    if (!pq->PQsendQueryParams(connection, sql, count, NULL, values, NULL, NULL, 1))
        fail(pq->PQerrorMessage(connection));
}

// One round trip; returns the first column of the last statement with a row, a bigint.
static long long run(void) {
    long long value = 0;
    pq->PQpipelineSync(connection);
    while (pq->PQflush(connection) == 1) {
        wait_for(POLLIN | POLLOUT);
        pq->PQconsumeInput(connection);
    }
    for (;;) {
        while (pq->PQisBusy(connection)) {
            wait_for(POLLIN);
            if (!pq->PQconsumeInput(connection)) fail(pq->PQerrorMessage(connection));
        }
        PGresult *result = pq->PQgetResult(connection);
        if (!result) continue;
        int status = pq->PQresultStatus(result);
        if (status == CPQ_TUPLES_OK && pq->PQntuples(result) == 1 && pq->PQgetlength(result, 0, 0) == 8) {
            const unsigned char *bytes = (const unsigned char *)pq->PQgetvalue(result, 0, 0);
            value = 0;
            for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];
        }
        if (status != CPQ_COMMAND_OK && status != CPQ_TUPLES_OK && status != CPQ_PIPELINE_SYNC)
            fail(pq->PQresultErrorField(result, CPQ_DIAG_MESSAGE_PRIMARY));
        pq->PQclear(result);
        if (status == CPQ_PIPELINE_SYNC) return value;
    }
}

#define LATER(table) "last_at = greatest(" table ".last_at, excluded.last_at)"

static void commit_vends(int count, int keys) {
    static array columns[16];
    static long long turn;
    const long long at = 1767323045000, day = at / 86400000;
    queue("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", 0, NULL);
    queue("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM (SELECT 1 FROM writer FOR UPDATE) AS locked",
          0, NULL);
    queue("SELECT value FROM revision", 0, NULL);
    queue("SELECT coalesce((SELECT sequence FROM records ORDER BY sequence DESC LIMIT 1), 0)", 0, NULL);
    long long head = run();
    for (int i = 0; i < 14; i++) begin(&columns[i]);
    for (int i = 0; i < count; i++) {
        add(&columns[0], "%lld", head + 1 + i);
        add(&columns[1], "vend");
        add(&columns[2], "%lld", at);
        add(&columns[3], "ada");
        add(&columns[4], "key%09lld", (turn + i) % keys);
        add(&columns[5], "127.0.0.1");
        add(&columns[6], "ASIA%016lld", head + i);
        add(&columns[7], "%lld", at + 3600000);
        add(&columns[8], "%032lld", head + i);
        add(&columns[9], "2");
        for (int column = 10; column < 13; column++) add(&columns[column], "NULL");
        add(&columns[13], "\"\\\\x%064llx\"", head + i);
    }
    queue("INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at,"
          " request_id, format, reason, actor, detail, hash) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[],"
          " $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bigint[], $11::text[],"
          " $12::text[], $13::text[], $14::bytea[])",
          14, columns);
    int used = count < keys ? count : keys;
    for (int i = 0; i < 9; i++) begin(&columns[i]);
    for (int i = 0; i < used; i++) {
        add(&columns[0], "%lld", day);
        add(&columns[1], "key%09lld", (turn + i) % keys);
        add(&columns[2], "vended");
        add(&columns[3], "%d", count / used);
        add(&columns[4], "%lld", at);
    }
    queue("INSERT INTO usage_daily (day, key_id, outcome, count, last_at) SELECT * FROM unnest($1::bigint[], $2::text[],"
          " $3::text[], $4::bigint[], $5::bigint[]) ON CONFLICT (day, key_id, outcome) DO UPDATE SET count ="
          " usage_daily.count + excluded.count, " LATER("usage_daily"),
          5, columns);
    begin(&columns[2]);
    for (int i = 0; i < used; i++) add(&columns[2], "127.0.0.0/24");
    queue("INSERT INTO usage_networks (day, key_id, network, count, last_at) SELECT * FROM unnest($1::bigint[],"
          " $2::text[], $3::text[], $4::bigint[], $5::bigint[]) ON CONFLICT (day, key_id, network) DO UPDATE SET count ="
          " usage_networks.count + excluded.count, " LATER("usage_networks"),
          5, columns);
    array last[] = {columns[1], columns[3], columns[4], columns[4], columns[5], columns[6]};
    begin(&last[4]);
    begin(&last[5]);
    for (int i = 0; i < used; i++) {
        add(&last[4], "%lld", head + count);
        add(&last[5], "%lld", at + 3600000);
    }
    queue("INSERT INTO usage_keys (key_id, vends, first_at, last_at, last_sequence, live_until) SELECT * FROM"
          " unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) ON CONFLICT (key_id)"
          " DO UPDATE SET vends = usage_keys.vends + excluded.vends, last_sequence = excluded.last_sequence, live_until ="
          " greatest(usage_keys.live_until, excluded.live_until), " LATER("usage_keys"),
          6, last);
    columns[5] = last[4];
    columns[6] = last[5];
    for (int i = 0; i < 4; i++) begin(&columns[i]);
    add(&columns[0], "%lld", day);
    add(&columns[1], "vended");
    add(&columns[2], "%d", count);
    add(&columns[3], "%lld", at);
    queue("INSERT INTO usage_totals (day, outcome, count, last_at) SELECT * FROM unnest($1::bigint[], $2::text[],"
          " $3::bigint[], $4::bigint[]) ON CONFLICT (day, outcome) DO UPDATE SET count = usage_totals.count +"
          " excluded.count, " LATER("usage_totals"),
          4, columns);
    queue("COMMIT", 0, NULL);
    run();
    turn = (turn + count) % keys;
}

static int ascending(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    int vends = atoi(arguments[2]), keys = atoi(arguments[3]);
    double limit = atof(arguments[4]);
    pq = cpq_library();
    if (!pq) fail("libpq is not installed");
    if (vends < 1 || keys < 1) return 64;
    connect_to(arguments[1]);
    queue("SET search_path = bursar, pg_catalog, pg_temp", 0, NULL);
    queue("SET synchronous_commit = on", 0, NULL);
    run();
    size_t commits = 0, capacity = 1 << 20;
    double *times = malloc(capacity * sizeof *times);
    if (!times) fail("out of memory");
    double start = seconds();
    for (double begun = start; begun - start < limit && commits < capacity; commits++) {
        commit_vends(vends, keys);
        double ended = seconds();
        times[commits] = (ended - begun) * 1e3;
        begun = ended;
    }
    double taken = seconds() - start;
    qsort(times, commits, sizeof *times, ascending);
    printf("%.1f %.1f %.2f %.2f\n", (double)commits / taken, (double)commits * vends / taken, times[commits / 2],
           times[commits * 99 / 100]);
    return 0;
}
