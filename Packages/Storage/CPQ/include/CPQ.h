#ifndef CPQ_H
#define CPQ_H

#include <stdbool.h>
#include <stddef.h>

// libpq for Swift, opened when a PostgreSQL database is first connected to and not before: it brings TLS, Kerberos and
// LDAP libraries with it. Its functions are declared here, so that building takes no headers of PostgreSQL; their
// binary interface is that of libpq.so.5 since PostgreSQL 14, which added the pipeline.
// https://www.postgresql.org/docs/current/libpq.html

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
typedef unsigned int Oid;
typedef void (*PQnoticeReceiver)(void *context, const PGresult *result);

typedef struct {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} PQconninfoOption;

enum { CPQ_CONNECTION_OK = 0, CPQ_CONNECTION_BAD = 1, CPQ_CONNECTION_SSL_STARTUP = 7 };

enum { CPQ_POLLING_FAILED = 0, CPQ_POLLING_READING = 1, CPQ_POLLING_WRITING = 2, CPQ_POLLING_OK = 3 };

enum {
    CPQ_COMMAND_OK = 1,
    CPQ_TUPLES_OK = 2,
    CPQ_FATAL_ERROR = 7,
    CPQ_SINGLE_TUPLE = 9,
    CPQ_PIPELINE_SYNC = 10,
    CPQ_PIPELINE_ABORTED = 11,
};

enum { CPQ_TRANSACTION_IDLE = 0 };

enum { CPQ_ERRORS_VERBOSE = 2 };

// The fields of an error (PG_DIAG_…).
enum { CPQ_DIAG_SEVERITY = 'V', CPQ_DIAG_SQLSTATE = 'C', CPQ_DIAG_MESSAGE_PRIMARY = 'M' };

#define CPQ_FUNCTIONS(X)                                                                                               \
    X(int, PQlibVersion, (void))                                                                                       \
    X(PQconninfoOption *, PQconndefaults, (void))                                                                      \
    X(void, PQconninfoFree, (PQconninfoOption *options))                                                               \
    X(PGconn *, PQconnectStart, (const char *conninfo))                                                                \
    X(int, PQconnectPoll, (PGconn *))                                                                                  \
    X(int, PQstatus, (const PGconn *))                                                                                 \
    X(int, PQsocket, (const PGconn *))                                                                                 \
    X(void, PQfinish, (PGconn *))                                                                                      \
    X(char *, PQerrorMessage, (const PGconn *))                                                                        \
    X(int, PQserverVersion, (const PGconn *))                                                                          \
    X(int, PQbackendPID, (const PGconn *))                                                                             \
    X(int, PQconnectionNeedsPassword, (const PGconn *))                                                                \
    X(char *, PQencryptPasswordConn,                                                                                   \
      (PGconn *, const char *password, const char *user, const char *algorithm))                                       \
    X(void, PQfreemem, (void *))                                                                                       \
    X(const char *, PQparameterStatus, (const PGconn *, const char *name))                                             \
    X(int, PQtransactionStatus, (const PGconn *))                                                                      \
    X(int, PQsetErrorVerbosity, (PGconn *, int verbosity))                                                             \
    X(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *, PQnoticeReceiver, void *context))                              \
    X(int, PQsetnonblocking, (PGconn *, int))                                                                          \
    X(int, PQenterPipelineMode, (PGconn *))                                                                            \
    X(int, PQpipelineSync, (PGconn *))                                                                                 \
    X(int, PQsendQueryParams,                                                                                          \
      (PGconn *, const char *command, int count, const Oid *types, const char *const *values, const int *lengths,      \
       const int *formats, int resultFormat))                                                                          \
    X(int, PQsetSingleRowMode, (PGconn *))                                                                             \
    X(int, PQflush, (PGconn *))                                                                                        \
    X(int, PQconsumeInput, (PGconn *))                                                                                 \
    X(int, PQisBusy, (PGconn *))                                                                                       \
    X(PGresult *, PQgetResult, (PGconn *))                                                                             \
    X(void, PQclear, (PGresult *))                                                                                     \
    X(int, PQresultStatus, (const PGresult *))                                                                         \
    X(char *, PQresultErrorField, (const PGresult *, int field))                                                       \
    X(char *, PQcmdStatus, (PGresult *))                                                                               \
    X(char *, PQcmdTuples, (PGresult *))                                                                               \
    X(int, PQntuples, (const PGresult *))                                                                              \
    X(int, PQnfields, (const PGresult *))                                                                              \
    X(char *, PQfname, (const PGresult *, int column))                                                                 \
    X(Oid, PQftype, (const PGresult *, int column))                                                                    \
    X(char *, PQgetvalue, (const PGresult *, int row, int column))                                                     \
    X(int, PQgetlength, (const PGresult *, int row, int column))                                                       \
    X(int, PQgetisnull, (const PGresult *, int row, int column))

#define CPQ_FIELD(result, name, parameters) result(*name) parameters;
typedef struct {
    CPQ_FUNCTIONS(CPQ_FIELD)
} cpq_functions;

typedef enum {
    CPQ_LOADED,
    CPQ_MISSING,
    CPQ_TOO_OLD,
} cpq_state;

// Opens libpq at the first call, and only then. PGSERVICE, PGTZ, PGDATESTYLE and PGGEQO leave the environment then: they
// are the variables that no option of a connection overrides.
cpq_state cpq_load(void);

// The functions, which stay valid for the life of the process; NULL unless cpq_load() has returned CPQ_LOADED.
const cpq_functions *cpq_library(void);

// The longest text of an address, with the zero at its end.
#define CPQ_ADDRESS_LENGTH 46

// Looks up the addresses of `host` on a thread of its own, since the system's look-up has no limit of time.
//
// Writes up to `capacity` texts of CPQ_ADDRESS_LENGTH each, in the system's order, and returns their count; 0 when the
// time has passed, and a negative code for cpq_resolver_text when there is none.
int cpq_resolve(const char *host, int milliseconds, char *addresses, int capacity);
const char *cpq_resolver_text(int code);

#endif
