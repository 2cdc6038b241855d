package import BursarFoundation
package import BursarModel

/// A key as it is stored: everything but the secret.
///
/// A class, since each request hands it on a dozen times.
package final class KeyRecord: Sendable {
    package let id: KeyID
    package let owner: ResearcherStatus
    /// The project that its use is accounted to.
    package let project: String
    package let hash: PasswordHash
    package let expires: Date
    package let revoked: Date?
    package let terms: KeyRestrictions
    /// True for a key that was only made to be found by a thief: it never vends, and its use is an alarm.
    package let isCanary: Bool
    /// True if another researcher's handle is `HANDLE+KEYID` of this key, so that its sessions go by the handle alone.
    package let hasNamesake: Bool
    /// Rises with every change of the row or of its researcher; a decision made under an older version is void.
    package let version: Int64

    package init(
        id: KeyID,
        owner: ResearcherStatus,
        project: String,
        hash: PasswordHash,
        expires: Date,
        revoked: Date?,
        terms: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false,
        hasNamesake: Bool = false,
        version: Int64
    ) {
        self.id = id
        self.owner = owner
        self.project = project
        self.hash = hash
        self.expires = expires
        self.revoked = revoked
        self.terms = terms
        self.isCanary = isCanary
        self.hasNamesake = hasNamesake
        self.version = version
    }

    package var researcher: Handle { owner.handle }

    /// The moment from which on nothing is vended: the key's expiry, or the end of its researcher's stay.
    package var end: Date { min(expires, owner.ends ?? .distantFuture) }

    package func status(at date: Date) -> KeyStatus {
        KeyStatus(
            isRevoked: revoked != nil,
            isCanary: isCanary,
            expires: expires,
            isResearcherDisabled: owner.disabled != nil,
            researcherEnds: owner.ends,
            at: date
        )
    }

    /// The error for a caller who has the right secret; nil if the key works at `date`.
    ///
    /// A canary is answered as a wrong secret in every state, so that its finder can't tell it from one.
    package func refusal(at date: Date) -> ErrorCode? {
        isCanary ? .keyInvalid : status(at: date).refusal
    }
}

/// The answer to "does this key work?".
///
/// It is decided here for the server, lists, reports and restores alike; `KeyStatus.sql(at:)` in Storage is the same
/// decision as SQL. A self-test's key works as any other: lists and counts leave it out by its researcher's purpose.
package enum KeyStatus: String, Sendable, CaseIterable {
    case active
    case expired
    case revoked
    /// Its researcher is disabled.
    case disabled
    /// Its researcher's stay is over.
    case ended
    /// It never vends.
    case canary

    /// The first of these that applies: revoked, canary, expired, disabled, ended.
    package init(
        isRevoked: Bool,
        isCanary: Bool,
        expires: Date,
        isResearcherDisabled: Bool,
        researcherEnds: Date?,
        at date: Date
    ) {
        if isRevoked {
            self = .revoked
        } else if isCanary {
            self = .canary
        } else if expires <= date {
            self = .expired
        } else if isResearcherDisabled {
            self = .disabled
        } else if let researcherEnds, researcherEnds <= date {
            self = .ended
        } else {
            self = .active
        }
    }

    /// Statuses of a key that works as soon as its researcher may use it.
    package static let inForce: Set<KeyStatus> = [.active, .disabled, .ended]

    /// The error for a caller who has the right secret; nil if the key works.
    package var refusal: ErrorCode? {
        switch self {
        case .active: nil
        case .expired: .keyExpired
        case .revoked: .keyRevoked
        case .disabled, .ended: .researcherDisabled
        case .canary: .keyInvalid
        }
    }
}

/// A key's researcher, as far as the decision needs them: no name, no e-mail address.
package struct ResearcherStatus: Sendable, Equatable {
    package let handle: Handle
    package let disabled: Date?
    /// The end of the researcher's stay.
    package let ends: Date?
    /// Sessions issued before this moment are not handed out any more.
    package let sessionsValidFrom: Date?
    /// True for a researcher made by `admin selftest`: their vends are on record, and in no report.
    package let isSelftest: Bool

    package init(
        handle: Handle,
        disabled: Date? = nil,
        ends: Date? = nil,
        sessionsValidFrom: Date? = nil,
        isSelftest: Bool = false
    ) {
        self.handle = handle
        self.disabled = disabled
        self.ends = ends
        self.sessionsValidFrom = sessionsValidFrom
        self.isSelftest = isSelftest
    }
}

/// The restrictions of one key; nil leaves a value to the server's ``ServerTerms``.
package struct KeyRestrictions: Sendable, Equatable {
    /// Addresses that the key may be used from, within those that the server allows.
    package var allowed: AddressList?
    /// The models that its sessions may invoke; nil is all that the role allows.
    package var models: ModelList?
    /// Vends per UTC day.
    package var dailyLimit: Int?
    package var rate: RequestRate?
    package var sessionDuration: SessionDuration?

    package init(
        allowed: AddressList? = nil,
        models: ModelList? = nil,
        dailyLimit: Int? = nil,
        rate: RequestRate? = nil,
        sessionDuration: SessionDuration? = nil
    ) {
        self.allowed = allowed
        self.models = models
        self.dailyLimit = dailyLimit
        self.rate = rate
        self.sessionDuration = sessionDuration
    }
}

/// A key's row that exists and can't be read, because the database was edited by hand.
package struct UnreadableKeyError: Error {
    package init() {}
}

/// The store of keys, as the decision sees it.
package protocol KeyDirectory: Sendable {
    /// Returns the key with the revision of the whole directory at the moment of reading; nil if there is none.
    ///
    /// - Throws: ``UnreadableKeyError``, or the reason that the directory can't be read now.
    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)?

    /// Returns the changes since the revision `known`.
    func changes(since known: Int64) async throws -> DirectoryChanges
}

/// The directory as it is now, compared with an earlier revision.
package struct DirectoryChanges: Sendable {
    package let revision: Int64
    /// Keys whose rows are newer.
    package let keys: [KeyID]
    /// True while the operator has stopped all vending.
    package let isPaused: Bool

    package init(revision: Int64, keys: [KeyID], isPaused: Bool) {
        self.revision = revision
        self.keys = keys
        self.isPaused = isPaused
    }
}
