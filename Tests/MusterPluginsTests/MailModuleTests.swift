import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("muster.mail") struct MailModuleTests {
    static let permission = #""permissions": {"mail": ["example.com", "*.example.org"], "kv": true}"#

    private func run(
        _ body: String, manifest: String = Self.permission, _ mail: FakeMail = FakeMail(), attempts: ClosedRange<Int> = 1...1,
        sender: String? = "Muster <muster@example.com>"
    ) async throws -> DeliveryOutcome {
        let plugins = try await plugin(
            .onCreate, body, manifest: manifest, mail: mail, mailSender: try sender.map { try MailAddress($0) })
        var outcome = DeliveryOutcome.delivered
        for attempt in attempts { outcome = await plugins.handle("probe", .user(.userCreated), attempt: attempt) }
        return outcome
    }

    @Test("a mail carries what the plugin gives it, and its id comes back")
    func fields() async throws {
        let mail = FakeMail()
        let outcome = try await run(
            """
            local receipt = muster.mail.send {
              to = { "Ada Lovelace <ada@EXAMPLE.com>", "bob@example.com" }, cc = "eve@a.example.org", bcc = { "boss@example.com" },
              from = "it@example.com", reply_to = "help@example.net", subject = "Grüße", text = "Hallo\\n", html = "<p>Hallo</p>",
              headers = { ["X-Kind"] = "welcome", Priority = 3 },
            }
            assert(receipt.message_id == "<probe.change-1-1.1@example.com>", receipt.message_id)
            muster.mail.send { to = "ada@example.com", subject = "2", text = "" }
            """, mail)
        #expect(outcome == .delivered)
        let sent = try #require(mail.mails.first)
        #expect(sent.to.map(\.description) == ["Ada Lovelace <ada@example.com>", "bob@example.com"])
        #expect(sent.cc.map(\.text) == ["eve@a.example.org"] && sent.bcc.map(\.text) == ["boss@example.com"])
        #expect(sent.from.text == "it@example.com" && sent.replyTo?.text == "help@example.net")
        #expect(sent.subject == "Grüße" && sent.text == "Hallo\n" && sent.html == "<p>Hallo</p>")
        #expect(sent.headers == [.init("Priority", "3"), .init("X-Kind", "welcome")])
        #expect(sent.messageID == "<probe.change-1-1.1@example.com>" && sent.date == Timestamp(milliseconds: 1_767_225_600_000))
        #expect(
            mail.mails[1].from.description == "Muster <muster@example.com>" && mail.mails[1].messageID == "<probe.change-1-1.2@example.com>"
        )
    }

    @Test("a refused mail is an error that the event is tried again for, under the same Message-ID, also within a step")
    func retry() async throws {
        let mail = FakeMail { _ in throw MailError(.temporary, "the queue is full") }
        let reason = try #require(
            try await run(#"muster.mail.send { to = "ada@example.com", subject = "s", text = "t" }"#, mail, attempts: 1...2).retryReason)
        #expect(reason.hasPrefix("probe/init.lua:2: ") && reason.hasSuffix("mail.send: the queue is full"))
        #expect(mail.mails.map(\.messageID) == ["<probe.change-1-1.1@example.com>", "<probe.change-1-1.1@example.com>"])

        let steps = FakeMail { if $0.subject == "b" { throw MailError(.temporary, "no") } }
        _ = try await run(
            """
            local function send(subject) muster.mail.send { to = "ada@example.com", subject = subject, text = "" } end
            muster.once(ctx, "a step", function() send("a") end)
            send("b")
            """, steps, attempts: 1...2)
        #expect(
            steps.mails.map(\.messageID) == [
                "<probe.change-1-1.a=20step.1@example.com>", "<probe.change-1-1.1@example.com>", "<probe.change-1-1.1@example.com>",
            ])
    }

    static let plain = #"to = "ada@example.com", subject = "s", text = "t""#

    @Test(
        "what is not permitted or makes no sense is an error at the plugin's line, and nothing is sent",
        arguments: [
            (
                #"to = "ada@example.net", subject = "s", text = "t""#,
                #"ada@example.net is not among those whom this plugin may write to; add "example.net" to permissions.mail in plugin.json"#
            ),
            (#"cc = "ada@a.example.com", \#(plain)"#, "ada@a.example.com is not among"),
            (#"bcc = { "ada@example.com", "x@example.org" }, \#(plain)"#, "x@example.org is not among"),
            (#"to = "evil@badexample.org", subject = "s", text = "t""#, "evil@badexample.org is not among"),
            (#"subject = "s", text = "t""#, "'to' is missing"), (#"to = {}, subject = "s", text = "t""#, "'to' is missing"),
            (#"to = "ada@example.com", text = "t""#, "'subject' is missing"),
            (#"to = "ada@example.com", subject = "s""#, "'text' is missing"),
            (#"to = 7, subject = "s", text = "t""#, "'to' must be an address, or a list of addresses"),
            (#"to = "ada", subject = "s", text = "t""#, "'ada' is no mail address: it has no '@'"),
            (#"to = "a@example.com\nBcc: x@example.com", subject = "s", text = "t""#, "it holds a line break"),
            (#"to = "ada@example.com, bob@example.com", subject = "s", text = "t""#, "what stands before the '@' is not allowed there"),
            (#"from = "Ada\r\n <ada@example.com>", \#(plain)"#, "'from': "),
            (#"reply_to = { "a@example.com" }, \#(plain)"#, "'reply_to' must"),
            (#"to = "ada@example.com", subject = "s\r\nBcc: x", text = "t""#, "'subject' holds a line break"),
            (#"to = "ada@example.com", subject = "s\0", text = "t""#, "'subject' holds a line break or another control character"),
            (#"to = "ada@example.com", subject = ("s"):rep(901), text = "t""#, "'subject' is longer than 900 bytes"),
            (#"to = "ada@example.com", subject = "s", text = ("t"):rep(1048577)"#, "larger than 1 MiB"),
            (#"headers = { ["X-A"] = "a\nBcc: x@example.com" }, \#(plain)"#, "the header 'X-A' holds a line break"),
            (#"headers = { ["X-A:b"] = "a" }, \#(plain)"#, "'X-A:b' is not the name of a header"),
            (#"headers = { ["X-A\nBcc"] = "a" }, \#(plain)"#, "'X-ABcc' is not the name of a header"),
            (#"headers = { ["x-a"] = "a", ["X-A"] = "b" }, \#(plain)"#, "is there twice"),
            (#"headers = { bcc = "x@example.com" }, \#(plain)"#, "the header 'bcc' cannot be set"),
            (#"headers = { ["Content-Type"] = "text/html" }, \#(plain)"#, "the header 'Content-Type' cannot be set"),
            (#"headers = { ["Message-ID"] = "<a@b>" }, \#(plain)"#, "the header 'Message-ID' cannot be set"),
            (#"headers = { ["Apparently-To"] = "x@example.com" }, \#(plain)"#, "the header 'Apparently-To' cannot be set"),
            (#"headers = { TEXT = "x" }, \#(plain)"#, "the header 'TEXT' cannot be set"),
            (#"headers = { Message = "x" }, \#(plain)"#, "the header 'Message' cannot be set"),
            (#"headers = { ["Delivery-Receipt-To"] = "x@example.com" }, \#(plain)"#, "the header 'Delivery-Receipt-To' cannot be set"),
            (#"headers = { ["Resent-To"] = "x@example.com" }, \#(plain)"#, "the header 'Resent-To' cannot be set"),
            (#"body = "t", \#(plain)"#, "mail.send has no field 'body'"), (#"html = 7, \#(plain)"#, "'html' must be a string, not number"),
        ])
    func refused(_ fields: String, _ problem: String) async throws {
        let mail = FakeMail()
        let reason = try #require(try await run("muster.mail.send { \(fields) }", mail).retryReason)
        #expect(reason.hasPrefix("probe/init.lua:2: ") && reason.contains(problem), "\(reason)")
        #expect(mail.mails.isEmpty)
    }

    @Test("recipients and headers have a number that they may not go beyond")
    func limits() async throws {
        let many = """
            local all = {}
            for i = 1, COUNT do all[i] = "a" .. i .. "@example.com" end
            muster.mail.send { to = "ada@example.com", subject = "s", text = "t", bcc = all }
            """
        #expect(try await run(many.replacing("COUNT", with: "49")) == .delivered)
        #expect(try await run(many.replacing("COUNT", with: "50")).retryReason?.contains("more than 50 recipients") == true)
        let headers = """
            local all = {}
            for i = 1, COUNT do all["X-" .. i] = "a" end
            muster.mail.send { to = "ada@example.com", subject = "s", text = "t", headers = all }
            """
        #expect(try await run(headers.replacing("COUNT", with: "20")) == .delivered)
        #expect(try await run(headers.replacing("COUNT", with: "21")).retryReason?.contains("more than 20 headers") == true)
    }

    @Test("without the permission, a sender or a hook after the commit there is no mail")
    func notPermitted() async throws {
        let call = "muster.mail.send { \(Self.plain) }"
        let none = try await run(call, manifest: "").retryReason
        #expect(none?.contains(#"muster.mail is not permitted; add "mail": ["example.com"] to permissions in plugin.json"#) == true)
        for manifest in [#""permissions": {"mail": false}"#, #""permissions": {"mail": []}"#] {
            #expect(try await run(call, manifest: manifest).retryReason?.contains("is not permitted") == true)
        }
        #expect(
            try await run(call, sender: nil).retryReason?.contains("there is no 'from', and the server's configuration has no mail.from")
                == true)
        #expect(
            try await run(
                #"muster.mail.send { to = "a@b.example", subject = "s", text = "t" }"#, manifest: #""permissions": {"mail": true}"#)
                == .delivered)

        let plugins = try await plugin(.checkUser, call, manifest: Self.permission)
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(plugins.log.lines.contains { $0.message.contains("muster.mail.send cannot be called in checkUser (phase check)") })
    }

    // MARK: Records

    @Test("a world that only records sends nothing, and refuses again what was refused then")
    func recorded() async throws {
        let mail = FakeMail { if $0.subject == "two" { throw MailError(.refused, "no such user") } }
        let live = try await plugin(
            .onCreate,
            """
            muster.mail.send { to = "ada@example.com", bcc = "boss@example.com", subject = "one", text = "the text", html = "<p>" }
            local ok, problem = pcall(muster.mail.send, { to = "eve@example.com", subject = "two", text = "t" })
            ctx.fail { reason = problem }
            """, manifest: Self.permission, mail: mail, mailSender: try MailAddress("muster@example.com"))
        let delivery = Delivery(
            id: 1, subscriber: "plugin:probe", event: .user(.userCreated), state: .leased, attempts: 1, due: .init(milliseconds: 0),
            leasedUntil: nil, lease: 1, lastError: nil)
        let (outcome, record) = await live.host.run(delivery)
        #expect(record.calls.map(\.title) == ["mail send ada@example.com, boss@example.com", "mail send eve@example.com"])
        #expect(record.calls.map(\.problem) == [nil, "no such user"])
        let call = record.calls[0]
        #expect(try AttributeValue(json: call.body.text) == ["subject": "one", "text": "the text", "html": "<p>"])
        #expect(call.headers.contains(HTTPHeader("bcc", "boss@example.com")))
        #expect(call.headers.contains(HTTPHeader("message-id", "<probe.change-1-1.1@example.com>")))
        #expect(RecordedCall(call.document) == call)

        var base = PluginWorld(store: live.store, transport: live.transport, clock: live.time.clock)
        base.mailSender = try MailAddress("muster@example.com")
        let shadow = PluginHost(
            directory: live.directory, store: live.store, world: RecordingWorld(over: base).world, settings: live.host.settings,
            logger: live.log.logger)
        try await shadow.load()
        let again = await shadow.run(delivery, as: record)
        #expect(again.outcome == outcome && again.record.calls == record.calls)
        #expect(CallComparison.differences(from: record.calls, to: again.record.calls).isEmpty)
        #expect(mail.mails.count == 2, "only the live run has sent")
        let fresh = await shadow.run(delivery, as: nil)
        #expect(fresh.record.calls.map(\.problem) == [nil, nil])

        var changed = record.calls
        changed[0] = RecordedCall(
            kind: .mail, method: "send", target: changed[0].target, headers: changed[0].headers,
            body: .init(#"{"html":"<p>","subject":"one","text":"another"}"#))
        let differences = CallComparison.differences(from: record.calls, to: changed)
        #expect(
            differences.flatMap(\.lines) == ["~ mail send ada@example.com, boss@example.com", #"    body.text: "the text" → "another""#])
    }

    // MARK: Specs

    @Test("a spec sees what was sent, and lets the machine refuse")
    func specs() async throws {
        let lua = """
            return { onCreate = function(ctx)
              muster.mail.send { to = ctx.user.userName .. " <ada@example.com>", subject = "Hi", text = "t", headers = { ["X-A"] = "b" } }
            end }
            """
        let spec = """
            local person = { user = { id = "u1", userName = "ada", active = true }, event = { id = "e1" } }
            test.run("onCreate", person)
            expect(test.mail.sent).has_length(1)
            expect(test.mail.sent[1]).includes {
              from = "muster@example.com", to = { "ada <ada@example.com>" }, cc = {}, subject = "Hi", text = "t",
              message_id = "<probe.e1.1@example.com>", headers = { ["x-a"] = "b" },
            }
            test.mail.fail("the queue is full", 2)
            expect(test.error_of("onCreate", person)).contains("init.lua:2: mail.send: the queue is full")
            expect(test.error_of("onCreate", person)).contains("the queue is full")
            test.run("onCreate", person)
            expect(test.mail.sent).has_length(2)
            test.mail.fail()
            expect(test.error_of("onCreate", person)).contains("cannot take the mail now")
            """
        #expect(try await SpecBench.message(spec, lua: lua, manifest: Self.permission) == nil)
        #expect(try await SpecBench.message("test.mail.fail('x', 0)")?.contains("a whole number from 1 to 1000") == true)
    }

    @Test("the linter knows the permission, and recipients that stand in the code")
    func lint() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", Self.permission,
            lua: """
                return { onCreate = function(ctx)
                  muster.once(ctx, "a", function() end)
                  muster.mail.send { to = { "a@example.com", "b@example.net" }, subject = "s", text = "t" }
                end }
                """)
        try plugins.add("unused", #""permissions": {"mail": true}"#, lua: "return { onCreate = function(ctx) end }")
        let reports = try await PluginHost.check(directory: plugins.directory)
        let found = reports.flatMap(\.diagnostics).map(\.description)
        #expect(
            found.contains {
                $0.contains("init.lua:3") && $0.contains("b@example.net is not among")
                    && $0.contains(#"add "example.net" to permissions.mail in plugin.json"#)
            }, "\(found)")
        #expect(found.contains { $0.contains("permissions.mail: no line calls muster.mail") }, "\(found)")
        #expect(found.count == 2)
    }
}
