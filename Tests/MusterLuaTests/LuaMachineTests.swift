import MusterLua
import Testing

@Suite struct LuaMachineTests {
    @Test("a call gives its value back")
    func callGivesValue() async throws {
        let machine = try await LuaMachine(
            thread: LuaThread(label: "test"), name: "test", file: "test.lua", source: "return function(v) return v end")
        #expect(try await machine.call(nil, [["a": 1]]) == ["a": 1])
    }
}
