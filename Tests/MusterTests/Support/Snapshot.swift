import Foundation
import Testing

/// A text that is kept in `Snapshots/` and compared, or renewed where RECORD_SNAPSHOTS=1 is in the environment.
struct Snapshot {
    private let file: URL

    init(_ name: String) {
        file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Snapshots/\(name).txt")
    }

    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" { try Data(text.utf8).write(to: file) }
        let kept = FileManager.default.contents(atPath: file.path(percentEncoded: false)).map { String(decoding: $0, as: UTF8.self) }
        #expect(text == kept, "run the test with RECORD_SNAPSHOTS=1 if this is meant", sourceLocation: sourceLocation)
    }
}
