// What an import of an invocation log costs SQLite at least: the keys of all records, and the sums by day, month and
// without owners, 4,096 records in a commit. Nothing is parsed, hashed or looked up.
// usage: insert-calls FACTS DATABASE; prints the number of records that were new.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { batch_size = 4096 };

// As Spend/calls.py packs it.
typedef struct __attribute__((packed)) {
    int64_t hour;
    unsigned char digest[16];
    int32_t day, owner, meter;
    int64_t tokens[4];
} fact;

static sqlite3 *database;

static void check(int result, int expected) {
    if (result == expected) return;
    fprintf(stderr, "error: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK); }

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

typedef struct {
    int64_t span, owner, meter, sums[5];
} total;

static int by_place(const void *one, const void *other) {
    const total *a = one, *b = other;
    if (a->span != b->span) return a->span < b->span ? -1 : 1;
    if (a->owner != b->owner) return a->owner < b->owner ? -1 : 1;
    return (a->meter > b->meter) - (a->meter < b->meter);
}

// Sums up equal places, and adds them to a table; owner is -1 in the one without owners.
static void add(sqlite3_stmt *statement, total *totals, int count) {
    qsort(totals, (size_t)count, sizeof *totals, by_place);
    for (int first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count && by_place(&totals[first], &totals[next]) == 0; next++)
            for (int i = 0; i < 5; i++) totals[first].sums[i] += totals[next].sums[i];
        int place = 1;
        sqlite3_bind_int64(statement, place++, totals[first].span);
        if (totals[first].owner >= 0) sqlite3_bind_int64(statement, place++, totals[first].owner);
        sqlite3_bind_int64(statement, place++, totals[first].meter);
        for (int i = 0; i < 5; i++) sqlite3_bind_int64(statement, place++, totals[first].sums[i]);
        check(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
}

static int64_t month(int32_t day) {
    time_t seconds = (time_t)day * 86400;
    struct tm date;
    gmtime_r(&seconds, &date);
    return (date.tm_year + 1900) * 12 + date.tm_mon;
}

#define SUMS "calls INTEGER, input INTEGER, output INTEGER, cache_read INTEGER, cache_write INTEGER"
#define UPDATE                                                                                                         \
    " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, input = input + excluded.input,"                       \
    " output = output + excluded.output, cache_read = cache_read + excluded.cache_read,"                               \
    " cache_write = cache_write + excluded.cache_write"

int main(int count, char **arguments) {
    if (count != 3) return 64;
    FILE *facts = fopen(arguments[1], "rb");
    if (!facts) return 1;
    check(sqlite3_open(arguments[2], &database), SQLITE_OK);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE calls (hour INTEGER, digest BLOB, PRIMARY KEY (hour, digest)) WITHOUT ROWID;"
        "CREATE TABLE daily (day INTEGER, owner INTEGER, meter INTEGER, " SUMS
        ", PRIMARY KEY (day, owner, meter)) WITHOUT ROWID;"
        "CREATE TABLE monthly (month INTEGER, owner INTEGER, meter INTEGER, " SUMS
        ", PRIMARY KEY (month, owner, meter)) WITHOUT ROWID;"
        "CREATE TABLE days (day INTEGER, meter INTEGER, " SUMS ", PRIMARY KEY (day, meter)) WITHOUT ROWID;");
    sqlite3_stmt *key = prepare("INSERT INTO calls VALUES (?, ?) ON CONFLICT DO NOTHING");
    sqlite3_stmt *daily = prepare("INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?, ?)" UPDATE);
    sqlite3_stmt *monthly = prepare("INSERT INTO monthly VALUES (?, ?, ?, ?, ?, ?, ?, ?)" UPDATE);
    sqlite3_stmt *days = prepare("INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?)" UPDATE);
    static fact batch[batch_size];
    static total by_day[batch_size], by_month[batch_size], by_meter[batch_size];
    int64_t inserted = 0;
    for (size_t read; (read = fread(batch, sizeof *batch, batch_size, facts)) > 0;) {
        run("BEGIN IMMEDIATE");
        int new = 0;
        for (size_t i = 0; i < read; i++) {
            sqlite3_bind_int64(key, 1, batch[i].hour);
            sqlite3_bind_blob(key, 2, batch[i].digest, sizeof batch[i].digest, SQLITE_STATIC);
            check(sqlite3_step(key), SQLITE_DONE);
            sqlite3_reset(key);
            if (sqlite3_changes(database) == 0) continue;
            total one = {.span = batch[i].day, .owner = batch[i].owner, .meter = batch[i].meter, .sums = {1}};
            memcpy(&one.sums[1], batch[i].tokens, sizeof batch[i].tokens);
            by_day[new] = by_month[new] = by_meter[new] = one;
            by_month[new].span = month(batch[i].day);
            by_meter[new++].owner = -1;
        }
        add(daily, by_day, new);
        add(monthly, by_month, new);
        add(days, by_meter, new);
        run("COMMIT");
        inserted += new;
    }
    printf("%lld\n", (long long)inserted);
    return 0;
}
