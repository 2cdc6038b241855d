/// The types of other modules that the API names, so that `import AWSAuth` is all that a client needs.
@_exported public import class BursarHTTP.HTTPTransport
@_exported public import struct BursarHTTP.TransferLimits
@_exported public import enum BursarHTTP.TransportError
@_exported public import struct BursarModel.Secret
@_exported public import struct BursarModel.SessionCredentials
