import Foundation
import Muster
import Testing

/// What RFC 7644 §3 and RFC 9865 ask for, one test each.
@Suite("Requirements of the RFCs") struct RequirementTests {
    /// Schemas of a site with what the standard ones lack: immutable and binary attributes, numbers, `returned: request`.
    private static let schemas = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Schemas").path

    private func run(_ requirement: Requirement, _ check: @escaping Requirement.Check) async throws {
        let flags = ["directory.schemas": Self.schemas].merging(requirement.flags) { _, new in new }
        try await TestServer.run(Configuration.load(flags: flags)) { try await check(Probe(server: $0)) }
    }

    @Test("is met", arguments: Requirement.all.filter { $0.isFollowed && $0.check != nil })
    func isMet(_ requirement: Requirement) async throws {
        try await run(requirement, #require(requirement.check))
    }

    @Test("is not met, as the table says", arguments: Requirement.all.filter { !$0.isFollowed && $0.check != nil })
    func isNotMet(_ requirement: Requirement) async throws {
        let check = try #require(requirement.check)
        await #expect(throws: ScenarioFailure.self, "it is met: say so") { try await run(requirement, check) }
    }

    @Test("each section is there, and none twice")
    func sections() {
        let sections = Set(Requirement.all.map(\.section))
        let wanted = [
            "3.1", "3.2", "3.3", "3.3.1", "3.4", "3.4.1", "3.4.2", "3.4.2.1", "3.4.2.2", "3.4.2.3", "3.4.2.4", "3.4.2.5", "3.4.3", "3.5",
            "3.5.1", "3.5.2", "3.5.2.1", "3.5.2.2", "3.5.2.3", "3.6", "3.7", "3.7.1", "3.7.2", "3.7.3", "3.7.4", "3.8", "3.9", "3.10",
            "3.11",
            "3.12", "3.13", "3.14",
        ]
        #expect(Set(wanted.map { "7644 §" + $0 }).isSubset(of: sections))
        #expect(Set(["2", "2.1", "2.2", "2.4", "3", "4", "5.2"].map { "9865 §" + $0 }).isSubset(of: sections))
        #expect(Set(Requirement.all.map { $0.section + $0.text }).count == Requirement.all.count)
    }

    @Test("the article is what the table gives; RECORD_SNAPSHOTS=1 renews it")
    func article() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Muster/Muster.docc/Conformance.md").standardized
        let text = ConformanceArticle(Requirement.all).text
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" { try Data(text.utf8).write(to: file) }
        let kept = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
        #expect(text == kept, "run the test with RECORD_SNAPSHOTS=1 if this is meant")
    }
}

extension Requirement {
    /// Whether we do it.
    fileprivate var isFollowed: Bool { if case .yes = follows { true } else { false } }
}
