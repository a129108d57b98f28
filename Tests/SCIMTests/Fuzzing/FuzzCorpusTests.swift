import Foundation
import Testing

@Suite("Inputs that fuzzing has found")
struct FuzzCorpusTests {
    @Test("each is read or refused, and what must hold for any input holds", arguments: FuzzTarget.allCases)
    func corpus(target: FuzzTarget) throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Fuzzing/Corpus/\(target.rawValue)").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 15)
        for file in files {
            let input = try Array(Data(contentsOf: file))
            do throws(FuzzFinding) { try target.check(input) } catch {
                Issue.record("\(target.rawValue)/\(file.lastPathComponent): \(error)")
            }
        }
    }
}
