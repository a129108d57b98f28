import SCIM
import Testing

@Suite("PATCH and a reference of RFC 7644 §3.5.2 (properties)")
struct PatchReferenceTests {
    @Test("random requests leave exactly what the reference leaves, or are refused by both", arguments: 1...150)
    func sequences(seed: UInt64) async throws {
        var generator = PatchGenerator(seed: seed)
        let user = generator.user(named: "bjensen")
        let requests = generator.requests(count: 12)
        guard try PatchComparison.difference(user, requests) != nil else { return }
        var shrunk = try await Shrinking.shortest(requests) { try PatchComparison.difference(user, $0) != nil }
        for place in shrunk.indices {
            shrunk[place] = try await Shrinking.shortest(shrunk[place]) { steps in
                var changed = shrunk
                changed[place] = steps
                return try PatchComparison.difference(user, changed) != nil
            }
        }
        let messages = shrunk.map { PatchStep.message($0).text }.joined(separator: "\n")
        Issue.record(
            "seed \(seed)\n\(ReferenceValue.object(user).text)\n\(messages)\n\(try PatchComparison.difference(user, shrunk) ?? "")")
    }

    @Test("most requests are done, some are refused, and some change nothing")
    func variety() throws {
        var (done, refused, idle) = (0, 0, 0)
        for seed in 1...100 {
            var generator = PatchGenerator(seed: UInt64(seed))
            var reference = PatchReference(user: generator.user(named: "bjensen"))
            for steps in generator.requests(count: 12) {
                let before = reference.user
                do throws(PatchReference.Refusal) {
                    try reference.apply(steps)
                    done += 1
                    if reference.user == before { idle += 1 }
                } catch { refused += 1 }
            }
        }
        #expect(done > 600 && refused > 100 && idle > 50, "\(done) done, \(refused) refused, \(idle) without effect")
    }
}
