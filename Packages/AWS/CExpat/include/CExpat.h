#ifndef CEXPAT_H
#define CEXPAT_H

#include <expat.h>

// libexpat for Swift, opened when XML has to be read and not before: a program that reads none doesn't wait for it to
// be loaded, and runs where it isn't installed. The functions are those that expat 2.2 has.
#define CEXPAT_FUNCTIONS(X)                                                                                            \
    X(XML_ParserCreate)                                                                                                \
    X(XML_ParserFree)                                                                                                  \
    X(XML_SetUserData)                                                                                                 \
    X(XML_SetElementHandler)                                                                                           \
    X(XML_SetCharacterDataHandler)                                                                                     \
    X(XML_SetStartDoctypeDeclHandler)                                                                                  \
    X(XML_SetProcessingInstructionHandler)                                                                             \
    X(XML_Parse)                                                                                                       \
    X(XML_StopParser)                                                                                                  \
    X(XML_GetCurrentLineNumber)

#define CEXPAT_FIELD(name) __typeof__(&name) name;
typedef struct {
    CEXPAT_FUNCTIONS(CEXPAT_FIELD)
} cexpat_functions;

// The functions, which stay valid for the life of the process; NULL if libexpat isn't installed or lacks one of them.
const cexpat_functions *cexpat_load(void);

#endif
