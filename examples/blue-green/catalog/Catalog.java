import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The products, as JSON. Knows nothing about cutover: it takes the port it is told. */
public class Catalog {
    public static void main(String[] arguments) throws IOException {
        String version = version();
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 1024);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.createContext("/health", exchange -> answer(exchange, "{\"version\":\"" + version + "\"}"));
        server.createContext("/", exchange -> answer(exchange,
            "{\"version\":\"" + version + "\",\"products\":[{\"name\":\"kettle\",\"price\":29},{\"name\":\"cup\",\"price\":7}]}"));
        server.start();
        System.out.println("catalog " + version + " listens on " + port);
    }

    private static String version() throws IOException {
        Matcher found = Pattern.compile("\"version\"\\s*:\\s*\"([^\"]*)\"").matcher(Files.readString(Path.of("../release.json")));
        if (!found.find()) throw new IOException("release.json names no version");
        return found.group(1);
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("content-type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
