import AWSAuth
import AWSClients
package import BursarModel

/// A request in words, interpreted: kind of key, lifetime, owner, business unit and region.
///
/// The interpretation follows fixed rules and adds nothing to the words but defaults: short-term, 12 hours, us-east-1.
/// An ambiguous request has a question that would settle it, and nil for the value in question.
package struct ProvisionRequest: Equatable {
    package enum Kind: String, Encodable {
        /// For a person: a Bursar key, whose credentials expire.
        case shortTerm = "short-term"
        /// For a system that can't use credentials that expire: an IAM user's access key.
        case longTerm = "long-term"
    }

    package static let ownerQuestion = "Who answers for the key? The owner's e-mail address is missing."

    /// Short-term by default; long-term only when the words ask for it.
    package let kind: Kind
    /// The lifetime; nil for long-term keys, which don't expire.
    package let lifetime: SessionDuration?
    /// In lower case, with hyphens for blanks.
    package let businessUnit: String?
    /// An e-mail address.
    package let owner: String?
    package let region: String?
    /// The question to answer first.
    package let question: String?

    package init(reading text: String) {
        guard text.utf8.count <= RequestTokens.longest else {
            self.init(question: "Can you say it in fewer words?")
            return
        }
        var words = RequestTokens(text)
        guard !words.indices.isEmpty else {
            self.init(question: "Who needs a key, and what for?")
            return
        }
        // A word that is used here has no other meaning: service@example.edu is no service.
        let owner = OwnerParser(&words)
        let region = RegionParser(&words)
        let lifetime = LifetimeParser(&words)
        let kind = KindParser(words)
        let unit = BusinessUnitParser(words)
        var questions = [kind.question, lifetime.question, unit.question, owner.question, region.question]
        if kind.kind == .longTerm {
            questions += Self.open(lifetime, unit)
            // A key that doesn't expire needs an owner.
            if owner.owner == nil, owner.question == nil { questions.append(Self.ownerQuestion) }
        }
        let asked = questions.compactMap(\.self)
        self.init(
            kind: kind.kind,
            lifetime: kind.kind == .longTerm || lifetime.question != nil ? nil : lifetime.lifetime ?? .longest,
            businessUnit: unit.unit,
            owner: owner.owner,
            region: region.question == nil ? region.region ?? RegionSetting.fallback : nil,
            question: asked.isEmpty ? nil : asked.joined(separator: " ")
        )
    }

    /// The questions about a long-term key besides its kind.
    private static func open(_ lifetime: LifetimeParser, _ unit: BusinessUnitParser) -> [String] {
        var questions: [String] = []
        if lifetime.lifetime != nil {
            questions.append("A long-term key doesn't end by itself: is it to be short-term, or without an end?")
        }
        if unit.question == nil, unit.unit.flatMap({ BusinessUnit($0) }) == nil {
            let given = unit.unit.map { " \"\($0)\" can't be in a user's name." } ?? ""
            questions.append("Which business unit is it for, in letters, digits and hyphens?\(given)")
        }
        return questions
    }

    private init(
        kind: Kind = .shortTerm,
        lifetime: SessionDuration? = nil,
        businessUnit: String? = nil,
        owner: String? = nil,
        region: String? = nil,
        question: String?
    ) {
        self.kind = kind
        self.lifetime = lifetime
        self.businessUnit = businessUnit
        self.owner = owner
        self.region = region
        self.question = question
    }
}

extension ProvisionRequest: Encodable {
    private enum CodingKeys: String, CodingKey {
        case kind = "kind"
        case ttlSeconds = "ttlSeconds"
        case businessUnit = "businessUnit"
        case owner = "owner"
        case region = "region"
        case question = "question"
    }

    /// Encodes all six fields, null where one doesn't apply.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(lifetime?.seconds, forKey: .ttlSeconds)
        try fields.encode(businessUnit, forKey: .businessUnit)
        try fields.encode(owner, forKey: .owner)
        try fields.encode(region, forKey: .region)
        try fields.encode(question, forKey: .question)
    }
}
