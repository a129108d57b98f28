import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite struct ProvisioningCostTests {
    /// What is asked for, with the answer where there is much else that it does not concern.
    struct Question: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let ask: @Sendable (any WriteTransaction) throws -> Int
        let answer: Int
    }

    private static let tasks = ProvisioningTaskQuery(tenant: .default, target: "slack", limit: 5)

    private static func tasks(_ refine: (inout ProvisioningTaskQuery) -> Void) -> ProvisioningTaskQuery {
        var query = tasks
        refine(&query)
        return query
    }

    static let questions = [
        Question(
            testDescription: "who waits for a manager",
            ask: { try $0.targetLinks(awaiting: Samples.user("boss"), at: "slack").count }, answer: 1),
        Question(
            testDescription: "whose account it is",
            ask: { try $0.targetLink(remoteID: "r-u7", type: "User", to: "slack", in: .default) == nil ? 0 : 1 }, answer: 1),
        Question(
            testDescription: "who left",
            ask: { try $0.targetLinks(leftBefore: Samples.later(9), target: "slack", in: .default, limit: 5).count }, answer: 1),
        Question(
            testDescription: "a page of links",
            ask: { try $0.targetLinks(to: "slack", in: .default, type: "User", after: "u3", limit: 5).count }, answer: 5),
        Question(
            testDescription: "a page of assignments",
            ask: { try $0.targetAssignments(to: "slack", in: .default, after: Samples.user("u3"), limit: 5).count }, answer: 5),
        Question(testDescription: "a page of tasks", ask: { try $0.provisioningTasks(tasks).count }, answer: 5),
        Question(
            testDescription: "tasks of a state", ask: { try $0.provisioningTasks(tasks { $0.states = [.pending] }).count }, answer: 1),
        Question(testDescription: "tasks of a batch", ask: { try $0.provisioningTasks(tasks { $0.batch = "b" }).count }, answer: 1),
        Question(testDescription: "a plan by its number", ask: { try $0.provisioningTasks(tasks { $0.number = 3 }).count }, answer: 1),
        Question(
            testDescription: "tasks of a subject",
            ask: { try $0.provisioningTasks(tasks { ($0.subject, $0.target) = (Samples.user("u7"), nil) }).count }, answer: 1),
        Question(
            testDescription: "a claim",
            ask: {
                try $0.claimProvisioningTasks(of: "slack", in: .default, except: [], limit: 5, now: Samples.time, leasedUntil: Samples.later(9)).count
            }, answer: 1),
        Question(
            testDescription: "removals", ask: { try $0.removalCount(at: "slack", in: .default, since: Samples.later(-9)) }, answer: 2),
        Question(
            testDescription: "the newest records of a tenant",
            ask: { try $0.provisioningRecords(in: .default, target: nil, subject: nil, before: 0, limit: 5).count }, answer: 5),
        Question(
            testDescription: "the newest records of a target",
            ask: { try $0.provisioningRecords(in: .default, target: "slack", subject: nil, before: 0, limit: 5).count }, answer: 5),
        Question(
            testDescription: "the records of a subject",
            ask: { try $0.provisioningRecords(in: .default, target: nil, subject: Samples.user("u7"), before: 0, limit: 5).count },
            answer: 1),
        Question(
            testDescription: "the newest audit entries",
            ask: { try $0.auditEntries(in: .default, before: 0, limit: 5).count }, answer: 5),
        Question(
            testDescription: "what there is to forget",
            ask: { try $0.pruneProvisioningRecords(before: Samples.later(-9), limit: 5) }, answer: 1),
    ]

    /// A target with so many people, of whom one each is what is asked for.
    private static func store(people: Int) async throws -> SQLiteStore {
        let store = try SQLiteStore.inMemory()
        try await store.write { transaction in
            let other = Tenant(name: "acme")
            try transaction.createTenant(other)
            for tenant in [.default, other] { try transaction.insert(Samples.target(in: tenant)) }
            for number in 0..<people {
                let id = "u\(number)"
                var link = Samples.link(id, "r-\(id)")
                link.awaitedManager = number == 5 ? "boss" : nil
                link.leftScope = number == 5 ? Samples.time : Samples.later(99)
                try transaction.save(link)
                try transaction.save(TargetAssignment(target: "slack", subject: link.subject))
                let isOdd = number == 5
                try transaction.enqueue(
                    Samples.task(
                        id, state: isOdd ? .pending : .due, due: number == 6 ? 0 : 99, batch: number == 7 ? "b" : nil, isRemoval: isOdd))
                try transaction.append(Samples.record(id, after: number == 8 ? -99 : 0, isRemoval: isOdd))
                try transaction.append(Samples.audit("act"))
            }
            // What is newest is another tenant's.
            for number in 0..<people {
                try transaction.append(Samples.record("u\(number)", in: other))
                try transaction.append(Samples.audit("act", in: other))
            }
        }
        return store
    }

    @Test("what is asked about provisioning costs what is found, however much else there is", arguments: questions)
    func costs(question: Question) async throws {
        let (few, many) = (try await Self.cost(of: question, people: 20), try await Self.cost(of: question, people: 1000))
        #expect(many.steps <= few.steps * 2, "\(few) became \(many)")
    }

    private static func cost(of question: Question, people: Int) async throws -> StatementWork {
        try await store(people: people).work { transaction throws in
            #expect(try question.ask(transaction) == question.answer)
        }
    }
}
