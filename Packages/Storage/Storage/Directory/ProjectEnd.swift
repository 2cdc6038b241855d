package import BursarFoundation
package import BursarModel
import Vending

/// The researchers and keys that a project has, to be stopped when it is over, as at the end of a term.
package struct ProjectEnd: Sendable, Equatable {
    /// A researcher with working keys of the project, or whose own project it is while none of their keys works.
    package struct Member: Sendable, Equatable {
        /// The handle as it is spelled in their row.
        package let researcher: Handle
        package let name: String
        /// Their working keys of the project.
        package let keys: [KeyID]
        /// The number of their working keys of other projects, which stay as they are.
        package let otherKeys: Int
        package let isDisabled: Bool
        /// True if their new keys would be of the project.
        package let isOwnProject: Bool

        /// True if only the project's keys are revoked, since others go on.
        package var goesOn: Bool { otherKeys > 0 }
    }

    package let project: String
    /// By handle.
    package let members: [Member]

    /// Those who are disabled with it.
    package var leaving: [Member] { members.filter { !$0.goesOn && !$0.isDisabled } }
    /// Those who lose keys, and go on with others.
    package var goingOn: [Member] { members.filter(\.goesOn) }
    /// True if there is nothing to be done.
    package var isOver: Bool { leaving.isEmpty && goingOn.isEmpty }

    /// Keys that work as soon as their researcher may use them count as working.
    init(_ project: String, at date: Date, _ db: any Transaction) throws {
        self.project = project
        let keys = try StoredKey.all(db).filter { !$0.isSelftest && $0.isInForce(at: date) }
        let working = Dictionary(grouping: keys, by: \.researcher)
        members = try StoredResearcher.all(project: nil, at: date, db).compactMap { listed in
            let researcher = listed.researcher
            let own = working[researcher.handle.description] ?? []
            let (ending, isOwnProject) = (own.filter { $0.project == project }, researcher.project == project)
            guard !ending.isEmpty || own.isEmpty && isOwnProject else { return nil }
            return Member(
                researcher: researcher.handle,
                name: researcher.name,
                keys: ending.map(\.id),
                otherKeys: own.count - ending.count,
                isDisabled: listed.disabled != nil,
                isOwnProject: isOwnProject
            )
        }
    }
}

extension Lists {
    /// Returns what the end of a project stops.
    package func end(of project: String, at date: Date) throws -> ProjectEnd {
        try database.read { db in try ProjectEnd(project, at: date, db) }
    }
}

/// A project has other researchers or keys than when its end was prepared.
package struct ProjectChangedError: Error {}

extension Administration {
    /// Disables a project's researchers, revokes its keys of those who go on with others, and records each, in one
    /// transaction; the reason is kept in their rows only.
    ///
    /// - Returns: the latest expiry of what was handed out for these keys; nil if none is alive.
    /// - Throws: ``ProjectChangedError`` if the researchers and keys aren't those of `end` any more.
    package func carryOut(_ end: ProjectEnd, reason: String, by act: AuditContext) throws -> Date? {
        try database.write { db in
            guard try ProjectEnd(end.project, at: act.date, db) == end else { throw ProjectChangedError() }
            let writer = DirectoryWriter(db, by: act)
            for member in end.leaving {
                try writer.setDisabled(member.researcher.description, at: act.date, reason: reason)
            }
            for member in end.goingOn {
                for key in member.keys {
                    try writer.revoke(key, of: member.researcher.description, reason: reason)
                }
            }
            let stopped = Set((end.leaving + end.goingOn).flatMap(\.keys))
            let liveUntil = try StoredKey.all(db).filter { stopped.contains($0.id) }.compactMap(\.use?.liveUntil).max()
            return liveUntil.flatMap { $0 > act.date ? $0 : nil }
        }
    }
}
