package suite.engine;

import org.camunda.bpm.engine.rest.security.auth.ProcessEngineAuthenticationFilter;
import org.camunda.bpm.engine.rest.security.auth.impl.HttpBasicAuthenticationProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/** Camunda with its REST API behind HTTP basic authentication, and Cockpit. Settings: application.yaml. */
@SpringBootApplication
public class Engine {

    public static void main(String[] arguments) {
        SpringApplication.run(Engine.class, arguments);
    }

    @Bean
    FilterRegistrationBean<ProcessEngineAuthenticationFilter> credentials() {
        var filter = new FilterRegistrationBean<>(new ProcessEngineAuthenticationFilter());
        filter.addInitParameter("authentication-provider", HttpBasicAuthenticationProvider.class.getName());
        filter.addUrlPatterns("/engine-rest/*");
        filter.setAsyncSupported(true); // fetchAndLock long-polls
        filter.setOrder(1);
        return filter;
    }
}
