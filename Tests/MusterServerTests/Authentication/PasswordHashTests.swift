import SCIM
import Testing

@testable import MusterServer

@Suite("Hashes of passwords")
struct PasswordHashTests {
    /// Cheap, for tests are many.
    static let cheap = PasswordHash.Cost(logarithm: 4)

    @Test("A hash names scrypt with its cost, has a salt of its own, and fits its password alone")
    func make() async throws {
        let one = try await PasswordHash.make("correct horse", cost: Self.cheap)
        let two = try await PasswordHash.make("correct horse", cost: Self.cheap)
        #expect(
            String(decoding: one, as: UTF8.self).wholeMatch(of: /\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+\/]{22}\$[A-Za-z0-9+\/]{43}/) != nil)
        #expect(one != two)
        #expect(await PasswordHash.verify("correct horse", against: one))
        #expect(await PasswordHash.verify("correct horse", against: two))
        for wrong in ["Correct horse", "correct horse ", "correct", "", String(repeating: "a", count: 2000)] {
            #expect(await !PasswordHash.verify(wrong, against: one), "\(wrong)")
        }
    }

    @Test("The usual cost is 32 MB")
    func cost() async throws {
        let hash = try await PasswordHash.make("correct horse")
        #expect(String(decoding: hash, as: UTF8.self).hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(await PasswordHash.verify("correct horse", against: hash))
    }

    @Test(
        "Hashes that others made are understood",
        arguments: [
            // Made with Python's hashlib for the password "pleaseletmein" and the salt "SodiumChloride".
            "$scrypt$ln=10,r=8,p=2$U29kaXVtQ2hsb3JpZGU$E6uitPIAIqA0EcNuYM/aUNEcKmqjeekvgGkHXmIpM4k",
            "$pbkdf2-sha256$i=210000$U29kaXVtQ2hsb3JpZGU$zQn86rwgmTfhJMqBuRhY9+yivagcj5p71fyZFbxE60o",
        ])
    func others(hash: String) async {
        #expect(PasswordHash.isHash(hash))
        #expect(await PasswordHash.verify("pleaseletmein", against: Array(hash.utf8)))
        #expect(await !PasswordHash.verify("pleaseletmeout", against: Array(hash.utf8)))
    }

    @Test("A letter may be typed as one or as two characters (RFC 8265 §4.2)")
    func normalization() async throws {
        let hash = try await PasswordHash.make("Gr\u{FC}n", cost: Self.cheap)
        #expect(await PasswordHash.verify("Gru\u{308}n", against: hash))
    }

    @Test(
        "What is no hash, or would cost too much, is none and matches nothing",
        arguments: [
            "", "secret", "$scrypt$", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$", "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$scrypt$ln=4,r=8$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA", "$scrypt$ln=4,ln=4,r=8,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$scrypt$ln=4,r=8,p=1,x=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$scrypt$ln=0,r=8,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$pbkdf2-sha256$i=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA", "$md5$x=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0$!!!!HNhbHRzYWx0c2FsdA",
        ])
    func noHash(text: String) async {
        #expect(!PasswordHash.isHash(text))
    }

    @Test("Nothing matches where there is no hash")
    func absent() async {
        #expect(await !PasswordHash.verify("secret", against: []))
        #expect(await !PasswordHash.verify("secret", against: Array("secret".utf8)))
    }

    @Test("An empty password and one without end are refused", arguments: ["", String(repeating: "a", count: 1025)])
    func limits(password: String) async {
        await #expect(throws: PasswordHash.InvalidPassword.self) { try await PasswordHash.make(password, cost: Self.cheap) }
    }

    @Test("No more computations run at a time than there are places, and beyond the queue is 503")
    func pool() async throws {
        let pool = HashingPool(width: 2, longestQueue: 100)
        let (running, most) = (LockedBox(0), LockedBox(0))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await pool.run {
                        running.change { $0 += 1 }
                        most.change { $0 = max($0, running.value) }
                        running.change { $0 -= 1 }
                        return number
                    }
                }
            }
            var sum = 0
            for try await number in group { sum += number }
            #expect(sum == 49 * 25)
        }
        #expect(most.value <= 2)
        let full = HashingPool(width: 0, longestQueue: 0)
        await #expect(throws: SCIMError.unavailable("", retryAfter: 1)) { try await full.run { 1 } }
    }
}
