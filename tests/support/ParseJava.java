import com.sun.source.util.JavacTask;
import java.nio.file.Path;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/** Parses a file of Java, prints what is wrong with its syntax, and exits with 1 if anything is. */
class ParseJava {
    public static void main(String[] arguments) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new DiagnosticCollector<JavaFileObject>();
        var files = compiler.getStandardFileManager(problems, null, null);
        var sources = files.getJavaFileObjects(Path.of(arguments[0]));
        // Without what it imports, a file can be parsed, and no more.
        ((JavacTask) compiler.getTask(null, files, problems, List.of(), null, sources)).parse();
        problems.getDiagnostics().forEach(System.err::println);
        System.exit(problems.getDiagnostics().isEmpty() ? 0 : 1);
    }
}
