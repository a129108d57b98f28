import MusterCore
import MusterLua
import SCIM

extension HostAPI {
    /// `now()`, `iso(seconds)` and `sleep(seconds)`.
    mutating func addTime() {
        let environment = environment
        sync("now") { _, _ in .integer(environment.world.clock.now().milliseconds / 1000) }
        sync("iso") { _, arguments in
            guard arguments[0] != nil else { return .string(environment.world.clock.now().dateTime) }
            let seconds = try arguments.number(0, "time.iso: the argument, in seconds,")
            guard abs(seconds) <= 253_402_300_799 else { throw HostCallError("time.iso: the time is not within the years 0 to 9999") }
            return .string(Timestamp(milliseconds: Int64((seconds * 1000).rounded(.down))).dateTime)
        }
        async("sleep") { run, arguments in
            _ = try run.required(for: "time.sleep")
            let seconds = try arguments.number(0, "time.sleep: the argument, in seconds,")
            guard seconds >= 0, seconds <= 60 else { throw HostCallError("time.sleep: from 0 to 60 seconds") }
            try await environment.world.sleep(.milliseconds(Int64(seconds * 1000)))
            return nil
        }
    }
}
