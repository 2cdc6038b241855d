// The one place that decides between FoundationEssentials, which starts faster and links no ICU, and Foundation, which
// is all that Apple's platforms have. Everything else imports this module.
#if canImport(FoundationEssentials)
@_exported public import FoundationEssentials
#else
@_exported public import Foundation
#endif
