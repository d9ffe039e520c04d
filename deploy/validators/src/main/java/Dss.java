import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;

/** EU DSS on each PDF, offline: java Dss root.cer FILE... (ETSI EN 319 102-1, its default policy). */
public class Dss {
    public static void main(String[] given) {
        var trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(given[0])));
        for (int at = 1; at < given.length; at++) {
            var verifier = new CommonCertificateVerifier();
            verifier.setTrustedCertSources(trusted);
            var document = new FileDocument(given[at]);
            var validator = SignedDocumentValidator.fromDocument(document);
            validator.setCertificateVerifier(verifier);
            tell(document.getName(), validator.validateDocument().getSimpleReport());
        }
    }

    private static void tell(String name, SimpleReport report) {
        System.out.println(name);
        for (var id : report.getSignatureIdList()) {
            System.out.printf("  %s %s %s: %s%n", report.getSignatureFormat(id),
                report.getIndication(id), report.getSubIndication(id), report.getSignedBy(id));
            report.getAdESValidationErrors(id).forEach(one -> System.out.println("    error: " + one.getValue()));
            report.getAdESValidationWarnings(id).forEach(one -> System.out.println("    warning: " + one.getValue()));
        }
    }
}
