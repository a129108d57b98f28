import CMusterLua

/// What the C side holds of Swift: the functions that may be called, and a buffer for their replies.
final class HostCall {
    let functions: HostFunctions
    private let writer = TapeWriter()

    init(_ functions: HostFunctions) {
        self.functions = functions
    }

    /// Runs a synchronous function and leaves its reply with the state. Returns what `ms_host_fn` wants.
    fileprivate func answer(_ fn: Int, run: UInt32, args: [LuaValue], to vm: OpaquePointer?) -> Int32 {
        let code: Int32
        do {
            guard functions.entries.indices.contains(fn), case .sync(let body) = functions.entries[fn].body else {
                throw HostFunctionError("no such host function")
            }
            writer.write(list: try body(run, args))
            code = 0
        } catch let error as HostFunctionError {
            writer.write(value: error.value)
            code = 1
        } catch {
            writer.write(value: .string("\(error)"))
            code = 1
        }
        ms_reply(vm, writer.bytes, writer.count)
        return code
    }
}

/// The only function that C calls. It touches no Lua API, so that no Lua error can unwind through it.
let hostCall: ms_host_fn = { user, fn, run, args, size, vm in
    guard let user else { return 1 }
    let host = Unmanaged<HostCall>.fromOpaque(user).takeUnretainedValue()
    var reader = TapeReader(args, size)
    return host.answer(Int(fn), run: run, args: reader?.list() ?? [], to: vm)
}
