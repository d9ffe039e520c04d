import java.io.File;
import java.io.FileInputStream;
import java.util.LinkedHashSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/** veraPDF on each PDF: java Vera 2b|ua1 FILE... */
public class Vera {
    public static void main(String[] given) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        var flavour = PDFAFlavour.byFlavourId(given[0]);
        for (int at = 1; at < given.length; at++) {
            try (var parser = Foundries.defaultInstance().createParser(new FileInputStream(given[at]), flavour);
                    var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                var result = validator.validate(parser);
                System.out.printf("%s %s: %s%n", flavour, new File(given[at]).getName(),
                    result.isCompliant() ? "compliant" : "NOT COMPLIANT");
                var failed = new LinkedHashSet<String>();
                for (var one : result.getTestAssertions()) {
                    if (one.getStatus() == TestAssertion.Status.FAILED) {
                        failed.add(one.getRuleId() + " " + one.getMessage());
                    }
                }
                failed.forEach(one -> System.out.println("    " + one));
            }
        }
    }
}
